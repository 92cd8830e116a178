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
  const say = (message: string, afterMs = 0) => record(kube, [report(message, afterMs)]);
  const sayAll = (messages: readonly string[]) =>
    record(
      kube,
      messages.map((message) => report(message)),
    );
  return { say, sayAll, events: () => kube.list<Event>(paths.events("default")) };
};

it("what is said again about an object counts up", async () => {
  const { say, events } = await anApi();
  await say("starting n1");
  await say("starting n1", 60_000);
  await say("starting n2", 60_000);
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

it("what is too long to be accepted is cut", async () => {
  const { say, events } = await anApi();
  await say("x".repeat(5_000));
  expect((await events()).map(({ message }) => message.length)).toEqual([1024]);
});

const tens = Array.from({ length: 30 }, (_, index) => `starting n${index}`);

it("what is similar becomes one event from the tenth on, and its latest message stays", async () => {
  const { say, events } = await anApi();
  for (const [index, message] of tens.entries()) await say(message, index * 1000);
  const found = await events();
  expect(found).toHaveLength(10);
  expect(found.find(({ count }) => count > 1)).toMatchObject({
    message: "(combined from similar events): starting n29",
    count: 21,
    firstTimestamp: "2026-11-24T03:00:09Z",
    lastTimestamp: "2026-11-24T03:00:29Z",
  });
});

it("what is similar and said at once is counted at once", async () => {
  const { sayAll, events } = await anApi();
  await sayAll(tens);
  expect((await events()).map(({ count }) => count).toSorted()).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 1, 21]);
});

it("what was said before it became too much still counts up by itself", async () => {
  const { say, sayAll, events } = await anApi();
  await sayAll(tens);
  await say("starting n3");
  expect((await events()).find(({ message }) => message === "starting n3")).toMatchObject({ count: 2 });
});

it("ten minutes of silence make similar things news again", async () => {
  const { say, sayAll, events } = await anApi();
  await sayAll(tens);
  await say("starting n99", 600_001);
  expect((await events()).map(({ message }) => message)).toContain("starting n99");
});
