import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { describe, expect, it } from "vitest";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import type { Environment } from "../../local/environment/start.ts";
import { FORWARDER_SOURCE } from "../../shared/model/events.ts";
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

const countedGarbage = (embedded: Environment) =>
  embedded.functions.metrics().filter(({ name }) => name === "UnreadableMessages").length;

describe("permissions", () => {
  const denied = (embedded: Environment, action: string) =>
    JSON.stringify(embedded.functions.denials()).includes(action);

  it("that lack ec2:RunInstances leave the pool empty, degraded and say so", async () => {
    const embedded = await startStratos({ changeTemplate: without("ec2:RunInstances") });
    await apply(embedded, [...example("quickstart/awsnodeclass.yaml"), ...example("quickstart/nodepool.yaml")]);
    await embedded.until("the launch is denied", () => denied(embedded, "ec2:RunInstances"), { withinMs: MINUTE });
    await embedded.clock.sleep(MINUTE);
    expect(instancesByState(embedded)).toEqual({});
    expect(condition(embedded, "Degraded")).toBe("True CloudProviderError");
  });

  it("that lack ec2:StartInstances leave the burst waiting", async () => {
    const embedded = await startStratos({ changeTemplate: without("ec2:StartInstances") });
    await quickStart(embedded);
    await apply(embedded, burstOf(1));
    await embedded.until("the start is denied", () => denied(embedded, "ec2:StartInstances"), { withinMs: MINUTE });
    await embedded.clock.sleep(MINUTE);
    expect(burstPods(embedded).map(({ status }) => status?.phase)).toEqual(["Pending"]);
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
