import { describe, expect, it } from "vitest";
import type { Ec2Instance } from "../../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import type { PoolState } from "../../../../shared/model/instance-state.ts";
import { anInstance, aView, MINUTE, NOW, SECOND } from "../builders.ts";
import { recordChanges } from "../decisions.ts";

/** Its record says m6i.large. */
const changesOf = (state: PoolState, record: Partial<InstanceRecord>, ec2: Partial<Ec2Instance>) =>
  recordChanges(aView([anInstance(state, { record: { instanceType: "m6i.large", ...record }, ec2 })])).filter(
    (change) => "instanceType" in change,
  );

const AS_SHOWN = [{ instanceType: "m5.large", resizedFrom: null }];
const STOPPED = { state: "stopped", instanceType: "m5.large" } as const;
const RUNNING = { state: "running", instanceType: "m5.large" } as const;

describe("the type that EC2 shows is recorded", () => {
  it.each([
    {
      name: "of a standby instance whose change of type was given up",
      state: "standby" as const,
      record: { stateSince: NOW - 2 * MINUTE, resizedFrom: "m5.large" },
      ec2: STOPPED,
    },
    {
      name: "of an instance that was started with another type",
      state: "running" as const,
      record: { startedAt: NOW - MINUTE, launchTime: NOW - 10 * MINUTE },
      ec2: { ...RUNNING, launchTime: NOW - MINUTE },
    },
  ])("$name", ({ state, record, ec2 }) => {
    expect(changesOf(state, record, ec2)).toMatchObject(AS_SHOWN);
  });

  it.each([
    {
      name: "while it may be from before the change",
      state: "standby" as const,
      record: { stateSince: NOW - 30 * SECOND },
      ec2: STOPPED,
    },
    {
      name: "of an instance that runs since before its latest start was decided",
      state: "running" as const,
      record: { startedAt: NOW - SECOND, launchTime: NOW - 10 * MINUTE },
      ec2: { ...RUNNING, launchTime: NOW - 10 * MINUTE },
    },
    {
      name: "of an instance whose change of type has yet to reach EC2",
      state: "running" as const,
      record: { startedAt: NOW - SECOND, launchTime: NOW - 10 * MINUTE, resizedFrom: "m5.large" },
      ec2: { ...STOPPED, launchTime: NOW - 10 * MINUTE },
    },
    {
      name: "if it is the one on record",
      state: "standby" as const,
      record: { stateSince: NOW - 2 * MINUTE },
      ec2: { ...STOPPED, instanceType: "m6i.large" },
    },
  ])("but not $name", ({ state, record, ec2 }) => {
    expect(changesOf(state, record, ec2)).toEqual([]);
  });
});
