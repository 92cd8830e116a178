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
  isAtRest,
  MINUTE,
  pool,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

/** Nothing is launched but the first three, so that a launch too many shows. */
const NO_MORE = { ...QUICK_TO_STOP, poolSize: 4, minStandby: 3 };

/** DynamoDB's limit on the requests of one batch. */
const MOST_WRITES = 25;

/** Every item goes: records, launches, and the work queue's keys with their leases. */
const wipeTable = async ({ awsUrl, stack, clock }: Environment): Promise<void> => {
  const [table] = stack.resources("AWS::DynamoDB::Table");
  const TableName = String(table?.ref);
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new DynamoDBClient({ endpoint: awsUrl, region: "us-east-1", credentials });
  await clock.busy(async () => {
    const { Items = [] } = await client.send(new ScanCommand({ TableName }));
    for (let start = 0; start < Items.length; start += MOST_WRITES) {
      const requests = Items.slice(start, start + MOST_WRITES).flatMap(({ pk, sk }) =>
        pk && sk ? [{ DeleteRequest: { Key: { pk, sk } } }] : [],
      );
      await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests } }));
    }
  });
  client.destroy();
};

const launched = ({ ec2 }: Environment) => ec2.world.instances.all().length;
const inState = (state: string, count: number) => (embedded: Environment) =>
  instancesByState(embedded)[state] === count;

const PHASES: readonly { readonly phase: string; readonly isReached: (embedded: Environment) => boolean }[] = [
  { phase: "a node starts", isReached: inState("pending", 1) },
  { phase: "a started node boots", isReached: inState("running", 1) },
  {
    phase: "a pod runs",
    isReached: (embedded) => burstPods(embedded).some(({ status }) => status?.phase === "Running"),
  },
];

describe("a table that is lost", () => {
  it("during the warmup costs no instance and launches none again", async () => {
    const embedded = await startStratos();
    const [nodePool] = example("quickstart/nodepool.yaml");
    await apply(embedded, example("quickstart/awsnodeclass.yaml"));
    await apply(embedded, nodePool ? [{ ...nodePool, spec: { ...(nodePool.spec as object), ...NO_MORE } }] : []);
    await embedded.until("three boot", () => inState("running", 3)(embedded), { withinMs: 2 * MINUTE });
    await wipeTable(embedded);
    await embedded.until("three are standby", () => isAtRest(embedded, 3), { withinMs: 15 * MINUTE });
    expect([launched(embedded), instancesByState(embedded)]).toEqual([3, { stopped: 3 }]);
  });

  it.each(PHASES)("while $phase costs neither instance nor pod", async ({ isReached }) => {
    const embedded = await startStratos();
    await quickStart(embedded, NO_MORE);
    await apply(embedded, burstOf(1));
    await embedded.until("the phase", () => isReached(embedded), { withinMs: 5 * MINUTE });
    await wipeTable(embedded);
    await untilRunning(embedded, 1);
    const [{ metadata: { uid } = {} } = {}] = burstPods(embedded);
    await embedded.clock.sleep(3 * MINUTE);
    expect(burstPods(embedded).map((pod) => [pod.metadata.uid, pod.status?.phase])).toEqual([[uid, "Running"]]);
    await endBurst(embedded);
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    // One started for the pod, so one was launched in its place.
    expect(launched(embedded)).toBeLessThanOrEqual(4);
    expect(pool(embedded)?.status?.total).toBe(launched(embedded));
  });

  it("while a node goes back to standby brings it there all the same", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, NO_MORE);
    await apply(embedded, burstOf(1));
    await untilRunning(embedded, 1);
    await embedded.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
    await embedded.until("it stops", () => callsOf(embedded, "StopInstances").length > 0, { withinMs: 10 * MINUTE });
    await wipeTable(embedded);
    await embedded.until("all are standby", () => isAtRest(embedded, 3), { withinMs: 10 * MINUTE });
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    expect(instancesByState(embedded)).toEqual({ stopped: launched(embedded) });
  });

  it("while the pool is deleted leaves nothing behind", async () => {
    const embedded = await startStratos();
    await quickStart(embedded, NO_MORE);
    await embedded.kube.client.delete("/apis/stratos.sh/v1alpha1/nodepools/workers");
    await embedded.until("they are ended", () => callsOf(embedded, "TerminateInstances").length > 0, {
      withinMs: 2 * MINUTE,
    });
    await wipeTable(embedded);
    await embedded.until("the pool is gone", () => pool(embedded) === undefined, { withinMs: 20 * MINUTE });
    expect(instancesByState(embedded)).toEqual({});
    expect(embedded.kube.store.list("nodes")).toEqual([]);
  });
});
