import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo } from "./calls.ts";
import type { Cluster, Suite } from "./cluster.ts";
import { pathOf } from "./definitions.ts";
import { aConfigMap, CONFIG_MAPS } from "./objects.ts";
import { openWatch, type Watch, type WatchEvent } from "./open-watch.ts";

const summaries = (events: readonly WatchEvent[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name}`);

export const describeWatching: Suite = (implementation, connect) => {
  describe(`Watching ${implementation}`, () => {
    let cluster: Cluster;
    let calls: Calls;
    const watches: Watch[] = [];

    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
    });
    afterEach(() => {
      for (const watch of watches.splice(0)) watch.close();
    });

    /** A watch on the objects of one test. */
    const watch = async (group: string, query = "") => {
      const opened = await openWatch(cluster, `${CONFIG_MAPS}?watch=1&labelSelector=group=${group}${query}`);
      watches.push(opened);
      return opened;
    };
    const create = (group: string, name: string) => calls.create(CONFIG_MAPS, aConfigMap(name, { labels: { group } }));
    const remove = (name: string) => calls.delete(`${CONFIG_MAPS}/${name}`);
    const version = async () => (await calls.get(`${CONFIG_MAPS}?limit=1`)).body.metadata.resourceVersion;

    test("it begins with existing objects and continues with changes", async () => {
      await create("whole", "whole-1");
      const whole = await watch("whole");
      await whole.first(1);
      await create("whole", "whole-2");
      await calls.patch(`${CONFIG_MAPS}/whole-1`, "merge", { data: { b: "2" } });
      await remove("whole-1");
      const seen = ["ADDED whole-1", "ADDED whole-2", "MODIFIED whole-1", "DELETED whole-1"];
      expect(summaries(await whole.first(4))).toEqual(seen);
    });

    test("it resumes from the version of a list, and misses nothing", async () => {
      await create("resumed", "resumed-1");
      const since = await version();
      await create("resumed", "resumed-2");
      await remove("resumed-1");
      const resumed = await watch("resumed", `&resourceVersion=${since}`);
      expect(summaries(await resumed.first(2))).toEqual(["ADDED resumed-2", "DELETED resumed-1"]);
    });

    test("it resumes from the version of its last event, and repeats nothing", async () => {
      const first = await watch("again", `&resourceVersion=${await version()}`);
      await create("again", "again-1");
      const [added] = await first.first(1);
      await create("again", "again-2");
      const second = await watch("again", `&resourceVersion=${added?.object.metadata.resourceVersion}`);
      expect(summaries(await second.first(1))).toEqual(["ADDED again-2"]);
    });

    test("a deletion shows the object as it was, at the deletion's own version", async () => {
      const { body } = await create("deleted", "deleted-1");
      const deleted = await watch("deleted", `&resourceVersion=${body.metadata.resourceVersion}`);
      await remove("deleted-1");
      const [event] = await deleted.first(1);
      expect(event).toMatchObject({ type: "DELETED", object: { data: { a: "1" }, kind: "ConfigMap" } });
      expect(Number(event?.object.metadata.resourceVersion)).toBeGreaterThan(Number(body.metadata.resourceVersion));
    });

    test("an object is added and deleted as it starts and stops matching", async () => {
      const since = await version();
      const moving = await watch("moving", `&resourceVersion=${since}`);
      await create("other", "moving-1");
      for (const labels of [{ group: "moving" }, { more: "x" }, { group: "other" }]) {
        await calls.patch(`${CONFIG_MAPS}/moving-1`, "merge", { metadata: { labels } });
      }
      const seen = ["ADDED moving-1", "MODIFIED moving-1", "DELETED moving-1"];
      expect(summaries(await moving.first(3))).toEqual(seen);
    });

    test("an expired version ends it with 410, so that the client lists again", async () => {
      await cluster.forgetFirstVersion();
      const old = await openWatch(cluster, pathOf("NodePool", "?watch=1&resourceVersion=1"));
      const events = await old.all();
      expect(events).toMatchObject([{ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } }]);
      expect(events[0]?.object.message).toMatch(/^too old resource version: 1\b/);
    });

    test("it ends after its timeout", async () => {
      const bounded = await watch("bounded", `&resourceVersion=${await version()}&timeoutSeconds=1`);
      expect(await bounded.all()).toEqual([]);
    });

    test("it can begin with a list whose end is marked by a bookmark", async () => {
      await create("streamed", "streamed-1");
      const query = "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
      const [added, end] = await (await watch("streamed", query)).first(2);
      expect(added).toMatchObject({ type: "ADDED", object: { metadata: { name: "streamed-1" } } });
      expect(end).toMatchObject({
        type: "BOOKMARK",
        object: { metadata: { annotations: { "k8s.io/initial-events-end": "true" } } },
      });
    });

    test("one object can be watched by its name", async () => {
      await create("named", "named-1");
      await create("named", "named-2");
      const named = await watch("named", "&fieldSelector=metadata.name=named-2");
      await remove("named-1");
      await remove("named-2");
      expect(summaries(await named.first(2))).toEqual(["ADDED named-2", "DELETED named-2"]);
    });
  });
};
