import { describe, expect, it } from "vitest";
import type { InstanceRecord } from "../../../../shared/model/instance-record.ts";
import type { Taint } from "../../../../shared/model/kubernetes/objects.ts";
import { TAINT } from "../../../../shared/model/names.ts";
import { anInstance, aPod, aView, type InstanceOverrides, NOW, SECOND } from "../builders.ts";
import { metrics, recordChanges, summary } from "../decisions.ts";

const startedAt = NOW - 15 * SECOND;
const starting = ({ node, ec2 }: InstanceOverrides = {}, record: Partial<InstanceRecord> = {}) =>
  aView([anInstance("running", { record: { startedAt, ...record }, node, ec2, pods: [aPod("p")] })]);

describe("a starting node", () => {
  it("is no longer starting once it is Ready", () => {
    expect(recordChanges(starting())).toEqual([{ readyAt: NOW, openedAt: NOW }]);
    expect(summary(starting())).toEqual(["applyNode"]);
  });

  it.each<[string, ReturnType<typeof starting>]>([
    ["it is not Ready", starting({ node: { ready: false } })],
    ["EC2 still shows it as pending", starting({ ec2: { state: "pending" } })],
    ["it has no node", starting({ node: null })],
  ])("is still starting while %s", (_, view) => {
    expect(recordChanges(view)).toEqual([]);
    expect(metrics(view)).toEqual([]);
  });

  it("is confirmed after startTimeout, too, instead of being restarted", () => {
    const late = starting({}, { startedAt: NOW - 600 * SECOND });
    expect(recordChanges(late)).toEqual([{ readyAt: NOW, openedAt: NOW }]);
    expect(summary(late)).toEqual(["applyNode"]);
  });

  it("has started: earlier failures to start are forgotten", () => {
    const startFailures = { count: 1, at: NOW - SECOND, message: "EC2 undid the start" };
    expect(recordChanges(starting({}, { startFailures }))).toEqual([
      { readyAt: NOW, openedAt: NOW, startFailures: null },
    ]);
  });

  it("has booted with the type that its instance was changed to", () => {
    expect(recordChanges(starting({}, { resizedFrom: "m5.xlarge" }))).toEqual([
      { readyAt: NOW, openedAt: NOW, resizedFrom: null },
    ]);
  });

  it("is confirmed once", () => {
    expect(recordChanges(starting({}, { readyAt: NOW - SECOND, openedAt: NOW - SECOND }))).toEqual([]);
  });

  const waiting = { taints: [TAINT.notReady] };
  const opening = { ...waiting, networkReadySince: NOW - SECOND };

  it("is confirmed once its network is ready, in one write with its opening", () => {
    expect(recordChanges(starting({ node: waiting }))).toEqual([]);
    expect(recordChanges(starting({ node: opening }))).toEqual([{ readyAt: NOW, openedAt: NOW }]);
  });

  it("opens anew if its taints could not be removed or came back", () => {
    const record = { readyAt: NOW - SECOND, openedAt: NOW - SECOND };
    expect(recordChanges(starting({ node: opening }, record))).toEqual([{ openedAt: NOW }]);
  });

  it("opens to pods later if somebody else is to remove a startup taint", () => {
    const agent = { key: "agent", effect: "NoSchedule" };
    const template = { startupTaints: [agent], startupTaintRemoval: "External" } as const;
    const changes = (taints: readonly Taint[], record: Partial<InstanceRecord> = {}) => {
      const view = starting({ node: { taints } }, record);
      return recordChanges({ ...view, spec: { ...view.spec, template: { ...view.spec.template, ...template } } });
    };
    expect(changes([agent])).toEqual([{ readyAt: NOW }]);
    expect(changes([agent], { readyAt: NOW - SECOND })).toEqual([]);
    expect(changes([], { readyAt: NOW - SECOND })).toEqual([{ openedAt: NOW }]);
  });

  it("is measured from the demand to the Ready node, however late that is noticed and however late its network is", () => {
    const readySince = NOW - 3 * SECOND;
    for (const node of [{ readySince }, { ...opening, readySince }])
      expect(metrics(starting({ node }, { demandSince: NOW - 18 * SECOND }))).toContainEqual({
        metric: "scaleUpDuration",
        value: 15 * SECOND,
      });
  });

  it("is measured from its start if no demand is recorded, and to now if its clock is ahead", () => {
    const ahead = starting({ node: { readySince: NOW + 60 * SECOND } });
    expect(metrics(ahead)).toContainEqual({ metric: "scaleUpDuration", value: 15 * SECOND });
  });
});
