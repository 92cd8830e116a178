/** Events of another account and region, as the user guide describes them ("Sending and receiving events between AWS accounts"). */
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BaseCloud, startBaseCloud } from "../../../../local/aws/cloudformation/base-cloud.ts";
import { LAMBDA_TRUST } from "../gateway/a-cloud.ts";

const ELSEWHERE = { account: "222222222222", region: "eu-west-1" };
const BUS = "arn:aws:events:us-east-1:123456789012:event-bus/stratos";
const EVENTS_TRUST = {
  Statement: { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "events.amazonaws.com" } },
};
const MAY_SEND = { Statement: { Effect: "Allow", Action: "events:PutEvents", Resource: BUS } };

const admission = (...sources: string[]) => ({
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ELSEWHERE.account}:root` },
  Action: "events:PutEvents",
  Resource: BUS,
  Condition: { StringEquals: { "events:source": sources } },
});

describe("a bus and another account", () => {
  let cloud: BaseCloud;
  beforeEach(async () => {
    cloud = await startBaseCloud({
      speed: Number.POSITIVE_INFINITY,
      random: () => 0.5,
      elsewhere: ELSEWHERE,
      services: () => [],
    });
    cloud.services.events.createBus("stratos");
    cloud.services.events.putRule({
      name: "all",
      busName: "stratos",
      pattern: { source: [{ exists: true }] },
      targets: [],
    });
  });
  afterEach(() => cloud.stop());

  const received = () => cloud.services.events.metrics("all", "stratos").matched;

  /** A rule elsewhere whose target is the bus, with a role. */
  const forward = () => {
    cloud.elsewhere?.roles.create("forward", EVENTS_TRUST);
    cloud.elsewhere?.roles.attach("forward", MAY_SEND);
    const target = { Id: "bus", Arn: BUS, RoleArn: "arn:aws:iam::222222222222:role/forward" };
    cloud.elsewhere?.events.putRule({ name: "forward", pattern: { source: ["aws.ec2"] }, targets: [target] });
  };
  const happenElsewhere = async () => {
    cloud.elsewhere?.events.put("default", { source: "aws.ec2", detailType: "Changed", detail: {} });
    await cloud.clock.sleep(60_000);
  };

  it("receives what a rule of the account sends, if its policy admits the account", async () => {
    forward();
    await happenElsewhere();
    expect(received()).toBe(0);
    cloud.services.events.setPolicy("stratos", "account", admission("aws.ec2"));
    await happenElsewhere();
    expect(received()).toBe(1);
  });

  it("receives nothing that its policy does not name", async () => {
    forward();
    cloud.services.events.setPolicy("stratos", "account", admission("stratos.forwarder/other"));
    await happenElsewhere();
    expect(received()).toBe(0);
  });

  it("takes from a role of the account only what both of them allow", async () => {
    cloud.elsewhere?.roles.create("forwarder", LAMBDA_TRUST);
    cloud.elsewhere?.roles.attach("forwarder", MAY_SEND);
    const { keyId, secret, sessionToken } = cloud.credentials.assumeRole("forwarder", "pod", ELSEWHERE.account);
    const client = new EventBridgeClient({
      endpoint: cloud.gateway.url,
      region: "us-east-1",
      credentials: { accessKeyId: keyId, secretAccessKey: secret, sessionToken },
      maxAttempts: 1,
    });
    client.middlewareStack.add(
      (next) => (args) => {
        client.config.systemClockOffset = cloud.clock.now() - Date.now();
        return next(args);
      },
      { step: "initialize", name: "simulatedClock" },
    );
    const send = (Source: string) =>
      client.send(
        new PutEventsCommand({ Entries: [{ EventBusName: BUS, Source, DetailType: "Heartbeat", Detail: "{}" }] }),
      );
    await expect(send("stratos.forwarder/other")).rejects.toThrow(/no resource-based policy allows it/);
    cloud.services.events.setPolicy("stratos", "account", admission("stratos.forwarder/other"));
    await send("stratos.forwarder/other");
    await expect(send("stratos.forwarder/my-cluster")).rejects.toThrow(/no resource-based policy allows it/);
    expect(received()).toBe(1);
    client.destroy();
  });
});
