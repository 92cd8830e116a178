import { expect, it } from "vitest";
import { createEventRecorder } from "../../../shared/kube/events.ts";
import { createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { startApi } from "../../local/kubernetes/api-server/api-client.ts";

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: "workers" };
const SCALE_UP = { object, type: "Normal", reason: "ScaleUp" } as const;
const START = Date.parse("2026-11-24T03:00:00Z");

const anApi = async () => {
  const api = await startApi();
  const kube = createKubeClient({ endpoint: api.url, ca: api.caPem, token: async () => api.adminToken });
  const record = createEventRecorder();
  const report = (message: string, afterMs = 0) => ({ ...SCALE_UP, message, now: START + afterMs });
  const recordOne = (message: string, afterMs = 0) => record(kube, [report(message, afterMs)]);
  const recordAll = (messages: readonly string[]) =>
    record(
      kube,
      messages.map((message) => report(message)),
    );
  return { recordOne, recordAll, events: () => kube.list<Event>(paths.events("default")) };
};

it("increases the count of a repeated event", async () => {
  const { recordOne, events } = await anApi();
  await recordOne("starting n1");
  await recordOne("starting n1", 60_000);
  await recordOne("starting n2", 60_000);
  expect((await events()).toSorted((one, other) => one.message.localeCompare(other.message))).toMatchObject([
    {
      message: "starting n1",
      count: 2,
      firstTimestamp: "2026-11-24T03:00:00Z",
      lastTimestamp: "2026-11-24T03:01:00Z",
    },
    { message: "starting n2", count: 1 },
  ]);
});

it("truncates a message that exceeds the API server's limit", async () => {
  const { recordOne, events } = await anApi();
  await recordOne("x".repeat(5_000));
  expect((await events()).map(({ message }) => message.length)).toEqual([1024]);
});

const thirtyMessages = Array.from({ length: 30 }, (_, index) => `starting n${index}`);

it("combines similar events from the tenth on into one with the latest message", async () => {
  const { recordOne, events } = await anApi();
  for (const [index, message] of thirtyMessages.entries()) await recordOne(message, index * 1000);
  const found = await events();
  expect(found).toHaveLength(10);
  expect(found.find(({ count }) => count > 1)).toMatchObject({
    message: "(combined from similar events): starting n29",
    count: 21,
    firstTimestamp: "2026-11-24T03:00:09Z",
    lastTimestamp: "2026-11-24T03:00:29Z",
  });
});

it("combines similar events of one call", async () => {
  const { recordAll, events } = await anApi();
  await recordAll(thirtyMessages);
  expect((await events()).map(({ count }) => count).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 21]);
});

it("still counts repetitions of messages recorded before events were combined", async () => {
  const { recordOne, recordAll, events } = await anApi();
  await recordAll(thirtyMessages);
  await recordOne("starting n3");
  expect((await events()).find(({ message }) => message === "starting n3")).toMatchObject({ count: 2 });
});

it("records similar events separately again after ten minutes without one", async () => {
  const { recordOne, recordAll, events } = await anApi();
  await recordAll(thirtyMessages);
  await recordOne("starting n99", 600_001);
  expect((await events()).map(({ message }) => message)).toContain("starting n99");
});
