import { DescribeRuleCommand, ListTargetsByRuleCommand, PutRuleCommand } from "@aws-sdk/client-eventbridge";
import { beforeAll, describe, expect, test } from "vitest";
import { documented } from "../documented.ts";
import type { Cloud, Connect, Implementation } from "./cloud.ts";
import { type Bus, createBus, mark, marked } from "./event-bus.ts";

const GUIDE = "Amazon EventBridge User Guide";
const TRANSFORMATION = `"Amazon EventBridge input transformation" (${GUIDE})`;

/** Which events rules deliver to which targets, and in what form. */
export const describeRules = (implementation: Implementation, connect: Connect): void => {
  describe(`EventBridge's rules on ${implementation}`, () => {
    let cloud: Cloud;
    let bus: Bus;
    beforeAll(async () => {
      cloud = await connect();
      bus = await createBus(cloud, "rules");
    });

    describe("a rule", () => {
      test("delivers a matching event to its queue, complete", async () => {
        const inbox = await bus.anInbox();
        await bus.route({ source: ["whole"] }, inbox);
        const { FailedEntryCount, Entries } = await bus.put(
          bus.entry("whole", { pool: "ci" }),
          bus.entry("another", {}),
        );
        expect(FailedEntryCount).toBe(0);
        const messages = await inbox.read();
        expect(messages.map((message) => JSON.parse(message))).toMatchObject([
          {
            version: "0",
            id: Entries?.[0]?.EventId,
            source: "whole",
            "detail-type": "Node Changed",
            region: "us-east-1",
            time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
            resources: [],
            detail: { pool: "ci" },
          },
        ]);
      });

      test("delivers it to each of several queues", async () => {
        const [one, other] = [await bus.anInbox(), await bus.anInbox()];
        await bus.route({ source: ["several"] }, one, mark("1"));
        await bus.route({ source: ["several"] }, other, mark("2"));
        await bus.put(bus.entry("several", {}));
        expect([await one.read(), await other.read()]).toEqual([[marked("1")], [marked("2")]]);
      });

      test("receives events only from its own bus", async () => {
        const inbox = await bus.anInbox();
        await bus.route({ source: ["elsewhere"] }, inbox, {}, "default");
        await bus.put(bus.entry("elsewhere", {}));
        expect(await inbox.read()).toEqual([]);
      });

      test("can be described with its targets", async () => {
        const inbox = await bus.anInbox();
        const Name = await bus.route({ source: ["seen"] }, inbox, { Input: "{}" });
        const rule = await cloud.events.send(new DescribeRuleCommand({ Name, EventBusName: bus.name }));
        expect(rule).toMatchObject({ Name, State: "ENABLED", EventPattern: '{"source":["seen"]}' });
        expect(rule.Arn).toMatch(new RegExp(`:rule/${bus.name}/${Name}$`));
        const list = new ListTargetsByRuleCommand({ Rule: Name, EventBusName: bus.name });
        expect((await cloud.events.send(list)).Targets).toEqual([{ Id: "inbox", Arn: inbox.arn, Input: "{}" }]);
        const missing = new DescribeRuleCommand({ Name: "no-rule", EventBusName: bus.name });
        await expect(cloud.events.send(missing)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
      });

      test("is rejected if its pattern is invalid", async () => {
        const EventPattern = '{"source":"x"}';
        const rule = new PutRuleCommand({ Name: "bad", EventBusName: bus.name, EventPattern });
        await expect(cloud.events.send(rule)).rejects.toMatchObject({ name: "InvalidEventPatternException" });
      });

      documented(
        implementation,
        {
          name: "delivers the account of an event",
          source: `"AWS service event metadata", account (${GUIDE})`,
          deviations: { moto: ["omits the account", /to match object/] },
        },
        async () => {
          const inbox = await bus.anInbox();
          await bus.route({ source: ["whose"] }, inbox);
          await bus.put(bus.entry("whose", {}));
          expect((await inbox.read()).map((message) => JSON.parse(message))).toMatchObject([
            { account: "123456789012" },
          ]);
        },
      );

      documented(
        implementation,
        {
          name: "delivers nothing to a queue whose policy does not allow it",
          source: `"Using resource-based policies for Amazon EventBridge" (${GUIDE})`,
          deviations: { moto: ["delivers it anyway", /to deeply equal \[\]/] },
        },
        async () => {
          const inbox = await bus.anInbox("");
          await bus.route({ source: ["uninvited"] }, inbox);
          await bus.put(bus.entry("uninvited", {}));
          expect(await inbox.read()).toEqual([]);
        },
      );
    });

    describe("a pattern", () => {
      const detail = {
        cluster: "my-cluster",
        state: "stopped",
        count: 3,
        flag: null,
        tags: ["a", "b"],
        nested: { "instance-id": "i-1" },
      };
      const patterns: readonly (readonly [matches: boolean, detail: object])[] = [
        [true, { cluster: ["my-cluster", "other"], state: ["stopped"] }],
        [false, { cluster: ["my-cluster"], state: ["running"] }],
        [false, { cluster: ["my"] }],
        [true, { nested: { "instance-id": ["i-1"] } }],
        [true, { tags: ["b"] }],
        [false, { count: ["3"] }],
        [true, { count: [3] }],
        [true, { flag: [null] }],
        [true, { state: [{ prefix: "sto" }] }],
        [false, { state: [{ suffix: "running" }] }],
        [true, { state: [{ "equals-ignore-case": "Stopped" }] }],
        [true, { state: [{ wildcard: "st*d" }] }],
        [false, { state: [{ "anything-but": ["stopped", "running"] }] }],
        [true, { state: [{ "anything-but": { prefix: "run" } }] }],
        [true, { count: [{ numeric: [">", 0, "<=", 3] }] }],
        [false, { count: [{ numeric: [">", 3] }] }],
        [true, { missing: [{ exists: false }] }],
        [false, { state: [{ exists: false }] }],
        [true, { $or: [{ state: ["running"] }, { count: [3] }] }],
        [false, { $or: [{ state: ["running"] }, { count: [4] }] }],
      ];
      let arrived: string[];
      beforeAll(async () => {
        const inbox = await bus.anInbox();
        for (const [index, [, pattern]] of patterns.entries()) {
          await bus.route({ source: ["patterns"], detail: pattern }, inbox, mark(`${index}`));
        }
        await bus.put(bus.entry("patterns", detail));
        arrived = await inbox.read();
      });

      test.each(patterns.map(([matches, pattern], index) => ({ matches, pattern: JSON.stringify(pattern), index })))(
        "$pattern: $matches",
        ({ matches, index }) => {
          expect(arrived.includes(marked(`${index}`))).toBe(matches);
        },
      );

      test("matches detail types exactly, like sources", async () => {
        const inbox = await bus.anInbox();
        await bus.route({ source: ["typed"], "detail-type": ["Node Changed"] }, inbox, mark("1"));
        await bus.put(bus.entry("typed", {}), bus.entry("typed", {}, { DetailType: "Node Changed, somehow" }));
        expect(await inbox.read()).toEqual([marked("1")]);
      });
    });

    describe("an input transformer", () => {
      const InputPathsMap = {
        "detail-cluster": "$.detail.cluster",
        "detail-pool": "$.detail.pool",
        count: "$.detail.count",
        nested: "$.detail.nested",
        source: "$.source",
      };
      const detail = { cluster: "my-cluster", pool: "ci", count: 2, nested: { x: "y" } };
      const fill = async (source: string, InputTemplate: string, values: object) => {
        const inbox = await bus.anInbox();
        await bus.route({ source: [source] }, inbox, { InputTransformer: { InputPathsMap, InputTemplate } });
        await bus.put(bus.entry(source, values));
        return (await inbox.read()).map((message) => JSON.parse(message));
      };

      test("inserts values into text", async () => {
        const template = '{"key":"<detail-cluster>/<detail-pool>","from":"<source>"}';
        expect(await fill("texts", template, detail)).toEqual([{ key: "my-cluster/ci", from: "texts" }]);
      });

      documented(
        implementation,
        {
          name: "inserts whole values as JSON",
          source: TRANSFORMATION,
          deviations: { moto: ["fails the call with an HTML page", /is not valid JSON/] },
        },
        async () => {
          // As the stack's own rules do for a key that is one value.
          expect(await fill("values", '{"key":<detail-cluster>}', detail)).toEqual([{ key: "my-cluster" }]);
          const message = { n: 2, o: { x: "y" } };
          expect(await fill("objects", '{"n":<count>,"o":<nested>}', detail)).toEqual([message]);
        },
      );

      documented(
        implementation,
        {
          name: "escapes values that it inserts into text",
          source: TRANSFORMATION,
          deviations: { moto: ["does not", /JSON/] },
        },
        async () => {
          const template = '{"key":"<detail-cluster>/<detail-pool>"}';
          const message = { key: 'my-cluster/c"i' };
          expect(await fill("quoted", template, { ...detail, pool: 'c"i' })).toEqual([message]);
        },
      );
    });

    documented(
      implementation,
      {
        name: "a target's input is a constant, or the part that a path selects",
        source: `"Target", Input and InputPath (Amazon EventBridge API Reference)`,
        deviations: { moto: ["delivers the whole event", /to deeply equal/] },
      },
      async () => {
        const inbox = await bus.anInbox();
        await bus.route({ source: ["inputs"] }, inbox, { Input: '{"constant":true}' });
        await bus.route({ source: ["inputs"] }, inbox, { InputPath: "$.detail" });
        await bus.put(bus.entry("inputs", { pool: "ci" }));
        expect((await inbox.read()).map((message) => JSON.parse(message))).toEqual([
          { constant: true },
          { pool: "ci" },
        ]);
      },
    );
  });
};
