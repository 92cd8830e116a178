import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { documented } from "../documented.ts";
import type { Connect, Implementation } from "./cloud.ts";
import { type Bus, createBus, marked } from "./event-bus.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

/** Events from PutEvents and from EC2. */
export const describeEvents = (implementation: Implementation, connect: Connect): void => {
  describe(`EventBridge's events on ${implementation}`, () => {
    let bus: Bus;
    beforeAll(async () => {
      bus = await createBus(await connect(), "events");
    });

    describe("PutEvents", () => {
      test("accepts ten events in one call", async () => {
        const inbox = await bus.anInbox();
        await bus.route({ source: ["ten"] }, inbox, {
          InputTransformer: { InputPathsMap: { n: "$.detail.n" }, InputTemplate: '{"mark":"<n>"}' },
        });
        const entries = Array.from({ length: 10 }, (_, n) => bus.entry("ten", { n: `${n}` }));
        const answer = await bus.put(...entries);
        expect(answer).toMatchObject({ FailedEntryCount: 0 });
        expect(new Set(answer.Entries?.map(({ EventId }) => EventId)).size).toBe(10);
        expect(await inbox.read()).toEqual(entries.map((_, n) => marked(`${n}`)));
      });

      test("rejects eleven", async () => {
        const eleven = Array.from({ length: 11 }, () => bus.entry("eleven", {}));
        await expect(bus.put(...eleven)).rejects.toMatchObject({ name: "ValidationException" });
      });

      test.each([
        ["no source", { Source: undefined }, "InvalidArgument"],
        ["no detail type", { DetailType: undefined }, "InvalidArgument"],
        ["no detail", { Detail: undefined }, "InvalidArgument"],
        ["detail that is not JSON", { Detail: "{" }, "MalformedDetail"],
      ])("fails only the entry with %s", async (_, change, code) => {
        const answer = await bus.put(bus.entry("alone", {}, change), bus.entry("alone", {}));
        expect(answer.FailedEntryCount).toBe(1);
        expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([code, undefined]);
      });

      documented(
        implementation,
        {
          name: "fails an entry whose detail is not an object",
          source: `"PutEventsRequestEntry", Detail (Amazon EventBridge API Reference)`,
          deviations: { moto: ["accepts it", /to be 'MalformedDetail'/] },
        },
        async () => {
          const answer = await bus.put(bus.entry("list", {}, { Detail: "[1]" }));
          expect(answer.Entries?.[0]?.ErrorCode).toBe("MalformedDetail");
        },
      );

      documented(
        implementation,
        {
          name: "accepts no event with AWS as its source",
          source: `"PutEventsResultEntry", NotAuthorizedForSourceException (Amazon EventBridge API Reference)`,
          deviations: { moto: ["accepts it", /undefined/] },
        },
        async () => {
          const answer = await bus.put(bus.entry("aws.ec2", {}));
          expect(String(answer.Entries?.[0]?.ErrorCode)).toMatch(/^NotAuthorizedForSource/);
        },
      );
    });

    describe("EC2's own events", () => {
      let launcher: Launcher;
      beforeAll(async () => {
        launcher = await createLauncher(await connect());
      });
      afterAll(() => launcher.release());

      documented(
        implementation,
        {
          name: "report each state change on the default bus",
          source: `"State change events for your instances" (Amazon EC2 User Guide)`,
          deviations: { moto: ["sends none", /to deep equally contain/] },
        },
        async () => {
          const inbox = await bus.anInbox();
          const pattern = { source: ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"] };
          await bus.route(pattern, inbox, { InputPath: "$.detail" }, "default");
          const [id = ""] = await launcher.running();
          const changes = (await inbox.read()).map((message) => JSON.parse(message));
          expect(changes).toContainEqual({ "instance-id": id, state: "pending" });
          expect(changes).toContainEqual({ "instance-id": id, state: "running" });
        },
      );
    });
  });
};
