import { expect, it } from "vitest";
import { isInFlight } from "../../../shared/demand/in-flight.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { TAINT } from "../../../shared/model/names.ts";
import { aNode, aRecord, aSpec, MINUTE, NOW, SECOND } from "../pool/builders.ts";

const GPU = { cpu: "2", "nvidia.com/gpu": "1" };
const open = (ago: number): Partial<InstanceRecord> => ({
  startedAt: NOW - 20 * MINUTE,
  readyAt: NOW - ago,
  openedAt: NOW - ago,
});
const starting = { startedAt: NOW - MINUTE * 3 };

it.each<{
  name: string;
  record: Partial<InstanceRecord>;
  taints?: (typeof TAINT.notReady)[];
  inFlight: boolean;
  gpu?: string;
}>([
  { name: "that is not Ready, however long it takes", record: starting, inFlight: true },
  {
    name: "that is Ready and still has a startup taint",
    record: open(MINUTE),
    taints: [TAINT.notReady],
    inFlight: true,
  },
  {
    name: "that was Ready long before it opened",
    record: { ...open(14 * SECOND), readyAt: NOW - 2 * MINUTE },
    inFlight: true,
  },
  {
    name: "that has been Ready for long, and that its pool has not seen open yet",
    record: { ...open(MINUTE), openedAt: undefined },
    inFlight: true,
  },
  { name: "that has been open for less than 15 s", record: open(14 * SECOND), inFlight: true },
  { name: "that has been open for 15 s", record: open(15 * SECOND), inFlight: false },
  { name: "whose devices do not show yet", record: open(9 * MINUTE), gpu: "0", inFlight: true },
  { name: "whose devices show", record: open(15 * SECOND), gpu: "1", inFlight: false },
  { name: "whose devices do not show for 10 min", record: open(10 * MINUTE), gpu: "0", inFlight: false },
  { name: "that demand did not start", record: {}, inFlight: false },
])("the room of a node $name: $inFlight", ({ record, taints = [], inFlight, gpu }) => {
  const node = {
    ...aNode("n", { taints }),
    ...(gpu && { status: { allocatable: { cpu: "2", "nvidia.com/gpu": gpu } } }),
  };
  const running = aRecord("running", { startedAt: undefined, readyAt: undefined, ...record });
  expect(isInFlight(running, node, aSpec(), gpu === undefined ? undefined : GPU, NOW)).toBe(inFlight);
});

it.each([
  ["warmup", "serve", true],
  ["warmup", "warmUp", true],
  ["warmup", undefined, false],
  ["standby", "warmUp", false],
] as const)("the room of an instance in %s with overflow %s: %s", (state, overflow, inFlight) => {
  expect(isInFlight(aRecord(state, { overflow }), undefined, aSpec(), undefined, NOW)).toBe(inFlight);
});
