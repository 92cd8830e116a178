import { describe, expect, test } from "vitest";
import { MERGE, startApi, TABLE } from "./api-client.ts";
import { aNode } from "./objects.ts";

const summary = (events: Record<string, unknown>[]) =>
  events.map(({ type, object }) => `${type} ${(object as { metadata?: { name?: string } }).metadata?.name}`);

describe("a watch", () => {
  test("starts with the current objects and continues with changes", async () => {
    const { call, watch } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const events = watch("/api/v1/nodes?watch=true", 3);
    await call("POST", "/api/v1/nodes", aNode("n2"));
    await call("DELETE", "/api/v1/nodes/n1");
    expect(summary(await events)).toEqual(["ADDED n1", "ADDED n2", "DELETED n1"]);
  });

  test("resumes from a resource version without losing or repeating events", async () => {
    const { call, watch } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const { body } = await call("GET", "/api/v1/nodes");
    await call("POST", "/api/v1/nodes", aNode("n2"));
    await call("DELETE", "/api/v1/nodes/n2");
    const events = await watch(`/api/v1/nodes?watch=1&resourceVersion=${body.metadata.resourceVersion}`, 2);
    expect(summary(events)).toEqual(["ADDED n2", "DELETED n2"]);
  });

  test("sends a 410 error and ends if the resource version is too old", async () => {
    const { call, watch, faults } = await startApi();
    const { body } = await call("GET", "/api/v1/nodes");
    await call("POST", "/api/v1/nodes", aNode("n1"));
    faults.dropWatchHistory();
    const version = body.metadata.resourceVersion;
    const events = await watch(`/api/v1/nodes?watch=1&resourceVersion=${version}`, 2);
    expect(events).toMatchObject([
      { type: "ERROR", object: { code: 410, reason: "Expired", message: `too old resource version: ${version}` } },
    ]);
  });

  test("sends ADDED and DELETED when an object starts and stops matching", async () => {
    const { call, watch } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const { body } = await call("GET", "/api/v1/nodes");
    const query = `watch=1&labelSelector=pool=a&resourceVersion=${body.metadata.resourceVersion}`;
    for (const pool of ["a", "a", "b"]) {
      const patch = { metadata: { labels: { pool, at: String(Math.random()) } } };
      await call("PATCH", "/api/v1/nodes/n1", patch, { type: MERGE });
    }
    expect(summary(await watch(`/api/v1/nodes?${query}`, 3))).toEqual(["ADDED n1", "MODIFIED n1", "DELETED n1"]);
  });

  test("ends after timeoutSeconds of virtual time", async () => {
    const { watch, clock } = await startApi();
    const before = clock.now();
    expect(await watch("/api/v1/nodes?watch=1&timeoutSeconds=300", 1)).toEqual([]);
    expect(clock.now() - before).toBeGreaterThanOrEqual(300_000);
  });

  test("sends bookmarks with its resource version on request", async () => {
    const { watch, store } = await startApi();
    const [event] = await watch("/api/v1/nodes?watch=1&allowWatchBookmarks=true", 1);
    expect(event).toMatchObject({
      type: "BOOKMARK",
      object: { kind: "Node", metadata: { resourceVersion: String(store.version()) } },
    });
  });

  test("marks the end of the initial events of a streaming list", async () => {
    const { call, watch } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const query = "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    const events = await watch(`/api/v1/nodes?${query}`, 2);
    expect(events).toMatchObject([
      { type: "ADDED" },
      { type: "BOOKMARK", object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } } },
    ]);
  });

  test("sends the column definitions of a table only once", async () => {
    const { call, watch } = await startApi();
    for (const name of ["n1", "n2"]) await call("POST", "/api/v1/nodes", aNode(name));
    const [first, second] = await watch("/api/v1/nodes?watch=1", 2, { accept: TABLE });
    expect(first).toMatchObject({
      type: "ADDED",
      object: {
        kind: "Table",
        rows: [
          { cells: ["n1", "Unknown", "<none>", "0s", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"] },
        ],
      },
    });
    expect(second).toMatchObject({
      object: {
        columnDefinitions: null,
        rows: [
          { cells: ["n2", "Unknown", "<none>", "0s", "", "<none>", "<none>", "<unknown>", "<unknown>", "<unknown>"] },
        ],
      },
    });
  });

  test("can be closed by an injected fault", async () => {
    const { watch, faults, call } = await startApi();
    const events = watch("/api/v1/nodes?watch=1", 1);
    await call("GET", "/api/v1/nodes");
    faults.breakWatches();
    expect(await events).toEqual([]);
  });
});
