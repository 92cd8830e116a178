import { expect, it } from "vitest";
import { recordEvent } from "../../../shared/kube/events.ts";
import { createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { startApi } from "../../local/kube/api-client.ts";

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
}

const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: "workers" };
const START = Date.parse("2026-11-24T03:00:00Z");

const anApi = async () => {
  const api = await startApi();
  const kube = createKubeClient({ endpoint: api.url, ca: api.caPem, token: async () => api.adminToken });
  const say = (message: string, afterMs = 0) =>
    recordEvent(kube, { object, type: "Normal", reason: "ScaleUp", message, now: START + afterMs });
  return { say, events: () => kube.list<Event>(paths.events("default")) };
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
