import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { describe, expect, it } from "vitest";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import type { Environment } from "../../local/environment/start.ts";
import { forwarderSource } from "../../shared/model/events.ts";
import {
  apply,
  burstOf,
  burstPods,
  condition,
  example,
  instancesByState,
  isComplete,
  MINUTE,
  ONE_INSTANCE,
  quickStart,
  quickStartWith,
  startStratos,
} from "./stratos.ts";

/** The template with one IAM action removed from every policy. */
const without =
  (action: string) =>
  (template: Template): Template =>
    JSON.parse(JSON.stringify(template), (key, value) => {
      if (key !== "Action") return value;
      return Array.isArray(value) ? value.filter((one) => one !== action) : value === action ? "none:None" : value;
    });

const unreadableMessages = (environment: Environment) =>
  environment.functions.metrics().filter(({ name }) => name === "UnreadableMessages").length;

describe("permissions", () => {
  const isDenied = (environment: Environment, action: string) =>
    JSON.stringify(environment.functions.denials()).includes(action);

  it("without ec2:RunInstances leave the pool empty and degraded, with the reason", async () => {
    const environment = await startStratos({ changeTemplate: without("ec2:RunInstances") });
    await apply(environment, [...example("quickstart/awsnodeclass.yaml"), ...example("quickstart/nodepool.yaml")]);
    await environment.until("the launch is denied", () => isDenied(environment, "ec2:RunInstances"), {
      withinMs: MINUTE,
    });
    await environment.clock.sleep(MINUTE);
    expect(instancesByState(environment)).toEqual({});
    expect(condition(environment, "Degraded")).toBe("True CloudProviderError");
  });

  it("without ec2:StartInstances leave the burst pending", async () => {
    const environment = await startStratos({ changeTemplate: without("ec2:StartInstances") });
    await quickStart(environment, ONE_INSTANCE);
    await apply(environment, burstOf(1));
    await environment.until("the start is denied", () => isDenied(environment, "ec2:StartInstances"), {
      withinMs: MINUTE,
    });
    await environment.clock.sleep(MINUTE);
    expect(burstPods(environment).map(({ status }) => status?.phase)).toEqual(["Pending"]);
  });
});

describe("bad input", () => {
  it("that violates the CRD is rejected with the field's name; a pool without its class is degraded, and recovers when the class appears", async () => {
    const environment = await startStratos();
    const [nodePool] = example("quickstart/nodepool.yaml");
    const spec = { ...(nodePool?.spec as object), minStandby: 11 };
    await expect(apply(environment, nodePool ? [{ ...nodePool, spec }] : [])).rejects.toThrow(/minStandby.*poolSize/);

    const [nodeClass, ...pools] = quickStartWith(ONE_INSTANCE);
    await apply(environment, pools);
    await environment.until(
      "the pool is degraded",
      () => condition(environment, "Degraded") === "True NodeClassNotFound",
      {
        withinMs: MINUTE,
      },
    );
    expect(instancesByState(environment)).toEqual({});
    await apply(environment, nodeClass ? [nodeClass] : []);
    await environment.until("its instance is standby", () => isComplete(environment), { withinMs: 10 * MINUTE });
    expect(condition(environment, "Degraded")).toBe("False AsExpected");
  });

  it("such as unreadable messages on the bus and the queues is counted and harmless, and others may not use the forwarder's bus", async () => {
    const environment = await startStratos();
    const unauthorized = new EventBridgeClient({
      endpoint: environment.awsUrl,
      region: "us-east-1",
      credentials: { accessKeyId: "nobody", secretAccessKey: "nothing" },
    });
    const Entries = [
      { Source: forwarderSource("my-cluster"), DetailType: "Heartbeat", Detail: "{}", EventBusName: "stratos" },
    ];
    await expect(unauthorized.send(new PutEventsCommand({ Entries }))).rejects.toThrow();
    unauthorized.destroy();

    const [queue] = environment.stack
      .resources("AWS::SQS::Queue")
      .filter(({ logicalId }) => /poolQueue/i.test(logicalId));
    for (const body of ["not json", "{}", '{"key":7}', '{"key":"no-slash"}']) {
      environment.sqs.send(String(queue?.attributes?.Arn), body);
    }
    environment.bus.put("default", {
      source: "aws.ec2",
      detailType: "EC2 Instance State-change Notification",
      detail: { "instance-id": "; rm -rf /", state: "stopped" },
    });
    await quickStart(environment, ONE_INSTANCE);
    expect(unreadableMessages(environment)).toBeGreaterThanOrEqual(5);
    expect(instancesByState(environment)).toEqual({ stopped: 1 });
  });
});
