import { BatchWriteItemCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  endBurst,
  example,
  instancesByState,
  isSettled,
  MINUTE,
  pool,
  QUICK_TO_STOP,
  shareStratos,
  startStratos,
  untilRunning,
} from "./stratos.ts";

/** The pool has room for one launch beyond the first three, so that a surplus launch shows. */
const ONE_MORE = { ...QUICK_TO_STOP, poolSize: 4, minStandby: 3 };

/** DynamoDB's limit for one BatchWriteItem call. */
const MAX_BATCH_WRITES = 25;

const stratos = shareStratos();

/** Deletes every item: records, launches, and the work queue's keys with their leases. */
const wipeTable = async ({ awsUrl, stack, clock }: Environment): Promise<void> => {
  const [table] = stack.resources("AWS::DynamoDB::Table");
  const TableName = String(table?.ref);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint: awsUrl, region: "us-east-1", credentials });
  await clock.busy(async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    for (let start = 0; start < Items.length; start += MAX_BATCH_WRITES) {
      const requests = Items.slice(start, start + MAX_BATCH_WRITES).flatMap(({ pk, sk }) =>
        pk && sk ? [{ DeleteRequest: { Key: { pk, sk } } }] : [],
      );
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  });
  client.destroy();
};

const launched = ({ ec2 }: Environment) => ec2.world.instances.all().length;
const inState = (state: string, count: number) => (environment: Environment) =>
  instancesByState(environment)[state] === count;

/** The simulation loses it at any point; here it is the table of the synthesized stack, at the most delicate ones. */
describe("losing the table", () => {
  it("during the warmup loses no instance and launches no surplus", async () => {
    const environment = await startStratos();
    const [nodePool] = example("quickstart/nodepool.yaml");
    await apply(environment, example("quickstart/awsnodeclass.yaml"));
    await apply(environment, nodePool ? [{ ...nodePool, spec: { ...(nodePool.spec as object), ...ONE_MORE } }] : []);
    await environment.until("three instances boot", () => inState("running", 3)(environment), { withinMs: 2 * MINUTE });
    await wipeTable(environment);
    await environment.until("three are standby", () => isSettled(environment, 3), { withinMs: 15 * MINUTE });
    expect([launched(environment), instancesByState(environment)]).toEqual([3, { stopped: 3 }]);
  });

  it("while a node starts loses neither an instance nor a pod", async () => {
    const environment = await stratos(ONE_MORE);
    await apply(environment, burstOf(1));
    await environment.until("the node starts", () => inState("pending", 1)(environment), { withinMs: 5 * MINUTE });
    await wipeTable(environment);
    await untilRunning(environment, 1);
    const [{ metadata: { uid } = {} } = {}] = burstPods(environment);
    await environment.clock.sleep(3 * MINUTE);
    expect(burstPods(environment).map((pod) => [pod.metadata.uid, pod.status?.phase])).toEqual([[uid, "Running"]]);
    await endBurst(environment);
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
    // One instance was started for the pod, so one was launched to replenish standby.
    expect(launched(environment)).toBeLessThanOrEqual(4);
    expect(pool(environment)?.status?.total).toBe(launched(environment));
  });

  it("while the pool is deleted leaves nothing behind", async () => {
    const environment = await stratos(ONE_MORE);
    await environment.kube.client.delete("/apis/stratos.sh/v1alpha1/nodepools/workers");
    await environment.until(
      "the instances are terminated",
      () => callsOf(environment, "TerminateInstances").length > 0,
      {
        withinMs: 2 * MINUTE,
      },
    );
    await wipeTable(environment);
    await environment.until("the pool is gone", () => pool(environment) === undefined, { withinMs: 20 * MINUTE });
    expect(instancesByState(environment)).toEqual({});
    // Without a record, the node object of an instance is left to the cloud-controller-manager, which waits until it is not Ready.
    const hasNodes = () => environment.kube.store.list("nodes").length > 0;
    await environment.until("the nodes are gone", () => !hasNodes(), { withinMs: 2 * MINUTE });
  });
});
