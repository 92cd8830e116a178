/** One standby instance with its record and its node, which can be reset without waiting for it to boot or stop. */
import { setTimeout as sleep } from "node:timers/promises";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { Template } from "../local/aws/cloudformation/template.ts";
import type { Environment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";
import { createEc2 } from "../shared/aws/ec2-client.ts";
import type { InstanceRecord } from "../shared/model/instance-record.ts";
import { LABEL, MANAGED_BY, TAG, TAINT } from "../shared/model/names.ts";
import { createPoolItemsTable } from "../shared/state/pool-items-table.ts";
import { createSlotTable } from "../shared/state/slots-table.ts";

export const CLUSTER = "my-cluster";
const POOL = "workers";
const KEY = { cluster: CLUSTER, pool: POOL };
const INSTANCE_TYPE = "m5.large";
const POLL_MS = 200;
const MAX_POLLS = 50;

const NODE_POOL: KubeObject = {
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name: POOL },
  spec: { poolSize: 1, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name: POOL } } },
};

/** Disables all functions but demand, so that the others do not compete for the processor with what is measured. */
export const onlyDemand = (template: Template): Template => {
  const kept = Object.entries(template.Resources).filter(
    ([logicalId, { Type }]) => Type !== "AWS::Lambda::EventSourceMapping" || /demand/i.test(logicalId),
  );
  const resources = kept.map(([logicalId, resource]) => {
    const isDefaultBusRule = resource.Type === "AWS::Events::Rule" && resource.Properties?.EventBusName === undefined;
    return [
      logicalId,
      isDefaultBusRule ? { ...resource, Properties: { ...resource.Properties, State: "DISABLED" } } : resource,
    ];
  });
  return { ...template, Resources: Object.fromEntries(resources) };
};

const clientsOf = ({ awsUrl, stack }: Environment) => {
  const config = {
    endpoint: awsUrl,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  };
  const [table] = stack.resources("AWS::DynamoDB::Table");
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(config), {
    marshallOptions: { removeUndefinedValues: true },
  });
  const tableName = table?.ref ?? "";
  return {
    ec2: createEc2(new EC2Client(config)),
    slots: createSlotTable(documents, tableName),
    poolItems: createPoolItemsTable(documents, tableName),
  };
};

const launch = async ({ ec2 }: Environment, api: ReturnType<typeof clientsOf>["ec2"]) => {
  const { world } = ec2;
  const [instance] = await api.runInstances({
    clientToken: "bench",
    count: 1,
    imageId: "ami-0123456789abcdef0",
    instanceType: INSTANCE_TYPE,
    subnetId: [...world.subnets.keys()][0] ?? "",
    securityGroupIds: [[...world.groups.keys()][0] ?? ""],
    instanceProfile: "arn:aws:iam::123456789:instance-profile/node-role",
    userData: "#!/bin/sh\n",
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
    blockDevices: [],
    tags: { [TAG.managedBy]: MANAGED_BY, [TAG.cluster]: CLUSTER, [TAG.pool]: POOL, [TAG.state]: "standby" },
  });
  if (!instance) throw new Error("launching the instance: EC2 returned none");
  const { instanceId } = instance;
  // EC2 is eventually consistent: it may not find an instance right after its launch.
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    if ((await api.describeInstances({ ids: [instanceId] })).length > 0) return instance;
    await sleep(POLL_MS);
  }
  throw new Error(`launching the instance: EC2 does not find ${instanceId}`);
};

const nodeOf = (name: string, instanceId: string, zone: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { [LABEL.pool]: POOL, [LABEL.state]: "standby", [LABEL.instanceId]: instanceId } },
  spec: { providerID: `aws:///${zone}/${instanceId}`, unschedulable: true, taints: [TAINT.standby] },
  status: { allocatable: { cpu: "1930m", memory: "7244Mi", pods: "29" } },
});

export interface Stage {
  /** Stops the instance immediately and returns its record and node to standby. */
  reset(): Promise<void>;
}

export const setStage = async (environment: Environment): Promise<Stage> => {
  const { ec2, slots, poolItems } = clientsOf(environment);
  const { store } = environment.kube;
  store.create("nodepools.stratos.sh", NODE_POOL);
  const { instanceId, zone, privateDnsName: nodeName } = await launch(environment, ec2);
  const standbyNode = nodeOf(nodeName, instanceId, zone);
  store.create("nodes", standbyNode);
  const record = { slot: 1, state: "standby", stateSince: 0, reason: "WarmupCompleted", token: "bench" } as const;
  await slots.claim(KEY, { ...record, instanceType: INSTANCE_TYPE, zone, instanceId, nodeName });

  const resetRecord = async (found: InstanceRecord) => {
    const set = { startedAt: null, demandSince: null, readyAt: null };
    await slots.write(KEY, found, {
      move: { to: "standby", reason: "WarmupCompleted", now: environment.clock.now() },
      set,
    });
  };

  return {
    reset: async () => {
      const instance = environment.ec2.world.instances.get(instanceId);
      instance?.cancelChange();
      if (instance) instance.state = "stopped";
      const [found] = (await poolItems.read(KEY)).records;
      if (found?.state === "running") await resetRecord(found);
      store.change("nodes", nodeName, undefined, (node) => {
        node.spec = structuredClone(standbyNode.spec);
        node.metadata.labels = { ...standbyNode.metadata.labels };
      });
    },
  };
};
