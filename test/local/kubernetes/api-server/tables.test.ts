import { expect, test } from "vitest";
import { humanDuration } from "../../../../local/kubernetes/api-server/tables/age.ts";
import { readPath } from "../../../../local/kubernetes/api-server/tables/custom.ts";
import { events } from "../../../../local/kubernetes/api-server/tables/printers/events.ts";
import { nodes } from "../../../../local/kubernetes/api-server/tables/printers/nodes.ts";
import { pods } from "../../../../local/kubernetes/api-server/tables/printers/pods.ts";
import { aNode, aPod } from "./objects.ts";

const now = Date.parse("2026-11-24T03:00:00Z");
const created = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();

test.each([
  [0, "0s"],
  [119, "119s"],
  [120, "2m"],
  [125, "2m5s"],
  [11 * 60, "11m"],
  [3 * 3600, "3h"],
  [3 * 3600 + 120, "3h2m"],
  [47 * 3600, "47h"],
  [49 * 3600, "2d1h"],
  [20 * 86400, "20d"],
])("%i seconds are shown as %s", (seconds, shown) => {
  expect(humanDuration(seconds * 1000)).toBe(shown);
});

test("a node shows its readiness and whether it is cordoned", () => {
  const node = {
    ...aNode("n1", { unschedulable: true }),
    status: { conditions: [{ type: "Ready", status: "Unknown" }] },
  };
  expect(nodes.cells(node, now).slice(0, 2)).toEqual(["n1", "NotReady,SchedulingDisabled"]);
});

test.each([
  [{ kernelVersion: "6.12", architecture: "arm64" }, "6.12 (arm64)"],
  [{ kernelVersion: "6.12" }, "6.12"],
  [{}, "<unknown>"],
])("a node with %j shows the kernel %s", (nodeInfo, shown) => {
  expect(nodes.cells({ ...aNode("n1"), status: { nodeInfo } }, now)).toContain(shown);
});

test.each([
  [
    { phase: "Running", containerStatuses: [{ ready: true, restartCount: 2, state: { running: {} } }] },
    ["1/1", "Running", "2"],
  ],
  [
    { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ErrImagePull" } } }] },
    ["0/1", "ErrImagePull", "0"],
  ],
  [
    { phase: "Succeeded", containerStatuses: [{ state: { terminated: { reason: "Completed" } } }] },
    ["0/1", "Completed", "0"],
  ],
])("a pod with the status %j shows %j", (status, shown) => {
  expect(pods.cells({ ...aPod("p"), status }, now).slice(1, 4)).toEqual(shown);
});

test("a pod that is being deleted shows Terminating", () => {
  const pod = { ...aPod("p"), metadata: { name: "p", deletionTimestamp: created(0) } };
  expect(pods.cells(pod, now)[2]).toBe("Terminating");
});

test("an event shows its object and its count", () => {
  const event = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: "e", creationTimestamp: created(90) },
    involvedObject: { kind: "NodePool", name: "workers" },
    type: "Normal",
    reason: "ScaleUp",
    message: "starting 2 nodes",
    firstTimestamp: created(90),
    lastTimestamp: created(30),
    count: 3,
    source: { component: "stratos" },
  };
  expect(events.cells(event, now)).toEqual([
    "30s",
    "Normal",
    "ScaleUp",
    "nodepool/workers",
    "",
    "stratos",
    "starting 2 nodes",
    "90s",
    "3",
    "e",
  ]);
});

test.each([
  [".spec.a", 1],
  [".spec.list[1]", "y"],
  [".spec['b.c']", 2],
  ['.status.conditions[?(@.type=="Ready")].status', "True"],
  [".spec.none", undefined],
])("a printer column resolves %s", (path, value) => {
  const object = {
    spec: { a: 1, list: ["x", "y"], "b.c": 2 },
    status: {
      conditions: [
        { type: "Other", status: "False" },
        { type: "Ready", status: "True" },
      ],
    },
  };
  expect(readPath(object, path)).toBe(value);
});
