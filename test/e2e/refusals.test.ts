import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { describe, expect, it } from "vitest";
import type { Embedded } from "../../local/embedded.ts";
import type { Template } from "../../local/stack/template.ts";
import { FORWARDER_SOURCE } from "../../shared/events.ts";
import {
  apply,
  burstOf,
  burstPods,
  condition,
  example,
  instancesByState,
  isAtRest,
  MINUTE,
  quickStart,
  startStratos,
} from "./stratos.ts";

/** The template with one IAM action taken out of every policy. */
const without =
  (action: string) =>
  (template: Template): Template =>
    JSON.parse(JSON.stringify(template), (key, value) => {
      if (key !== "Action") return value;
      return Array.isArray(value) ? value.filter((one) => one !== action) : value === action ? "none:None" : value;
    });

const countedGarbage = (embedded: Embedded) =>
  embedded.functions.metrics().filter(({ name }) => name === "UnreadableMessages").length;

describe("permissions", () => {
  it.each(["ec2:StartInstances", "ec2:RunInstances"])("that lack %s stop the show and are named", async (action) => {
    const embedded = await startStratos({ changeTemplate: without(action) });
    const job = async () => {
      await quickStart(embedded);
      await apply(embedded, burstOf(1));
      await embedded.until("the pod runs", () => burstPods(embedded)[0]?.status?.phase === "Running", {
        withinMs: 2 * MINUTE,
      });
    };
    await expect(job()).rejects.toThrow(/not within/);
    expect(JSON.stringify(embedded.functions.denials())).toContain(action);
  });
});

describe("bad input", () => {
  it("that violates the CRD is refused with the field's name", async () => {
    const embedded = await startStratos();
    const [nodePool] = example("quickstart/nodepool.yaml");
    const spec = { ...(nodePool?.spec as object), minStandby: 11 };
    await expect(apply(embedded, nodePool ? [{ ...nodePool, spec }] : [])).rejects.toThrow(/minStandby.*poolSize/);
  });

  it("a pool without its class is degraded, and recovers when the class appears", async () => {
    const embedded = await startStratos();
    await apply(embedded, example("quickstart/nodepool.yaml"));
    await embedded.until("the pool is degraded", () => condition(embedded, "Degraded") === "True NodeClassNotFound", {
      withinMs: MINUTE,
    });
    expect(instancesByState(embedded)).toEqual({});
    await apply(embedded, example("quickstart/awsnodeclass.yaml"));
    await embedded.until("three instances are standby", () => isAtRest(embedded, 3), { withinMs: 10 * MINUTE });
    expect(condition(embedded, "Degraded")).toBe("False AsExpected");
  });

  it("garbage on bus and queues is counted and does no harm", async () => {
    const embedded = await startStratos();
    const [queue] = embedded.stack.resources("AWS::SQS::Queue").filter(({ logicalId }) => /poolQueue/i.test(logicalId));
    for (const body of ["not json", "{}", '{"key":7}', '{"key":"no-slash"}']) {
      embedded.sqs.send(String(queue?.attributes?.Arn), body);
    }
    embedded.bus.put("default", {
      source: "aws.ec2",
      detailType: "EC2 Instance State-change Notification",
      detail: { "instance-id": "; rm -rf /", state: "stopped" },
    });
    await quickStart(embedded);
    expect(countedGarbage(embedded)).toBeGreaterThanOrEqual(5);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
  });

  it("events of others are refused on the forwarder's bus", async () => {
    const embedded = await startStratos();
    const stranger = new EventBridgeClient({
      endpoint: embedded.awsUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
    });
    const Entries = [{ Source: FORWARDER_SOURCE, DetailType: "Heartbeat", Detail: "{}", EventBusName: "stratos" }];
    await expect(stranger.send(new PutEventsCommand({ Entries }))).rejects.toThrow();
    stranger.destroy();
  });
});
