import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createSqs, type Sqs } from "../../local/aws/sqs/sqs.ts";
import { createClock } from "../../local/clock.ts";
import { DETAIL_TYPE, forwarderSource } from "../../shared/model/events.ts";
import { createSpotNoticesTable } from "../../shared/state/spot-notices-table.ts";
import { startTestGateway, type TestGateway } from "../local/aws/gateway.ts";
import { startTable, TABLE, type TestTable } from "../shared/dynamo.ts";

const MANAGED = "i-0123456789abcdef0";
const UNMANAGED = "i-0fedcba9876543210";

const clock = createClock(1);
let table: TestTable;
let gateway: TestGateway;
let sqs: Sqs;
let poolQueue = "";
let demandQueue = "";
let handler: (event: unknown) => Promise<void>;

/** Loads the function with the environment that the stack sets. */
beforeAll(async () => {
  table = await startTable();
  sqs = createSqs({ clock, baseUrl: () => gateway.url });
  gateway = await startTestGateway({ clock, services: [sqs.service] });
  const { url, arn } = sqs.create({ name: "pool" });
  poolQueue = arn;
  const demand = sqs.create({ name: "demand" });
  demandQueue = demand.arn;
  const environment = {
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_ENDPOINT_URL_SQS: gateway.url,
    AWS_ENDPOINT_URL_DYNAMODB: table.endpoint,
    STRATOS_TABLE_NAME: TABLE,
    STRATOS_CLUSTERS: '[{"name":"c"}]',
    STRATOS_POOL_QUEUE_URL: url,
    STRATOS_DEMAND_QUEUE_URL: demand.url,
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  ({ handler } = await import("../../functions/ec2-events/handler.ts"));
  const record = { pk: "POOL#c/p", sk: "SLOT#0001", instanceId: MANAGED, cluster: "c", pool: "p" };
  await table.documents.send(new PutCommand({ TableName: TABLE, Item: record }));
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await gateway.stop();
  await table.stop();
  clock.stop();
});

const wokenBy = async (event: unknown): Promise<string[]> => {
  const before = sqs.messages(poolQueue).length;
  await handler(event);
  return sqs
    .messages(poolQueue)
    .slice(before)
    .map(({ body }) => JSON.parse(body).key);
};

const fromEc2 = (detailType: string, id: unknown = MANAGED) => ({
  source: "aws.ec2",
  "detail-type": detailType,
  time: "2026-11-24T12:00:00Z",
  detail: { "instance-id": id, state: "stopped" },
});

const notices = () => createSpotNoticesTable(table.documents, TABLE).read("c");
const demandWakes = () => sqs.messages(demandQueue).map(({ body }) => JSON.parse(body).key);

describe("an instance event", () => {
  it.each([
    fromEc2("EC2 Instance State-change Notification"),
    fromEc2("EC2 Spot Instance Interruption Warning"),
    fromEc2("EC2 Instance Rebalance Recommendation"),
    {
      source: forwarderSource("c"),
      "detail-type": DETAIL_TYPE.nodeUnlabelled,
      detail: { cluster: "c", instanceId: MANAGED, node: "n" },
    },
  ])("wakes the pool whose record has the instance", async (event) => {
    expect(await wokenBy(event)).toEqual(["c/p"]);
  });

  it.each([
    ["of an unmanaged instance", fromEc2("EC2 Instance State-change Notification", UNMANAGED)],
    ["with an invalid instance id", fromEc2("EC2 Instance State-change Notification", "; rm -rf /")],
    ["with an unknown detail type", fromEc2("EC2 Instance Launch")],
    ["from a source other than EC2", { ...fromEc2("EC2 Instance State-change Notification"), source: "my.ec2" }],
    [
      "from the forwarder of another cluster",
      {
        source: forwarderSource("other"),
        "detail-type": DETAIL_TYPE.nodeUnlabelled,
        detail: { cluster: "c", instanceId: MANAGED, node: "n" },
      },
    ],
    ["without a detail", { source: "aws.ec2", "detail-type": "EC2 Instance State-change Notification" }],
    ["that is not an object", "boo"],
  ])("%s does nothing", async (_, event) => {
    expect(await wokenBy(event)).toEqual([]);
  });
});

describe("a notice about a spot instance", () => {
  it("is stored with the time at which EC2 sent it, and wakes demand", async () => {
    await createSpotNoticesTable(table.documents, TABLE).remove("c", MANAGED);
    const before = demandWakes().length;
    expect(await wokenBy(fromEc2("EC2 Spot Instance Interruption Warning"))).toEqual(["c/p"]);
    expect(await notices()).toEqual([
      { instanceId: MANAGED, pool: "p", kind: "interruption", at: Date.parse("2026-11-24T12:00:00Z") },
    ]);
    expect(demandWakes().slice(before)).toEqual(["c"]);
  });

  it("is not stored for an unmanaged instance", async () => {
    const before = [await notices(), demandWakes().length];
    await wokenBy(fromEc2("EC2 Spot Instance Interruption Warning", UNMANAGED));
    expect([await notices(), demandWakes().length]).toEqual(before);
  });
});
