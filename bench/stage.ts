/** One standby instance with its record and its node, made and made again without waiting for it to boot or stop. */
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
import { createSlotTable } from "../shared/state/slots-table.ts";

export const CLUSTER = "my-cluster";
const POOL = "workers";
const KEY = { cluster: CLUSTER, pool: POOL };
const INSTANCE_TYPE = "m5.large";
const LOOK_AGAIN_MS = 200;
const MOST_LOOKS = 50;

const NODE_POOL: KubeObject = {
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name: POOL },
  spec: { poolSize: 1, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name: POOL } } },
};

/** Only demand is left awake: what else an event would wake must not compete for the processor with what is measured. */
export const onlyDemand = (template: Template): Template => {
  const awake = Object.entries(template.Resources).filter(
    ([logicalId, { Type }]) => Type !== "AWS::Lambda::EventSourceMapping" || /demand/i.test(logicalId),
  );
  const quiet = awake.map(([logicalId, resource]) => {
    const isOthers = resource.Type === "AWS::Events::Rule" && resource.Properties?.EventBusName === undefined;
    return [
      logicalId,
      isOthers ? { ...resource, Properties: { ...resource.Properties, State: "DISABLED" } } : resource,
    ];
  });
  return { ...template, Resources: Object.fromEntries(quiet) };
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
  return { ec2: createEc2(new EC2Client(config)), slots: createSlotTable(documents, table?.ref ?? "") };
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
  if (!instance) throw new Error("launching the instance to be started: EC2 launched none");
  const { instanceId } = instance;
  // EC2 does not find an instance for some moments after its launch.
  for (let look = 0; look < MOST_LOOKS; look += 1) {
    if ((await api.describeInstances({ ids: [instanceId] })).length > 0) return instance;
    await sleep(LOOK_AGAIN_MS);
  }
  throw new Error(`launching the instance to be started: EC2 does not find ${instanceId}`);
};

const nodeOf = (name: string, instanceId: string, zone: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { [LABEL.pool]: POOL, [LABEL.state]: "standby", [LABEL.instanceId]: instanceId } },
  spec: { providerID: `aws:///${zone}/${instanceId}`, unschedulable: true, taints: [TAINT.standby] },
  status: { allocatable: { cpu: "1930m", memory: "7244Mi", pods: "29" } },
});

export interface Stage {
  /** Stops the instance at once and puts record and node back to standby. */
  reset(): Promise<void>;
}

export const setStage = async (embedded: Environment): Promise<Stage> => {
  const { ec2, slots } = clientsOf(embedded);
  const { store } = embedded.kube;
  store.create("nodepools.stratos.sh", NODE_POOL);
  const { instanceId, zone, privateDnsName: nodeName } = await launch(embedded, ec2);
  const startNode = nodeOf(nodeName, instanceId, zone);
  store.create("nodes", startNode);
  const record = { slot: 1, state: "standby", stateSince: 0, reason: "WarmupCompleted", token: "bench" } as const;
  await slots.claim(KEY, { ...record, instanceType: INSTANCE_TYPE, zone, instanceId, nodeName });

  const resetRecord = async (found: InstanceRecord) => {
    const set = { startedAt: null, demandSince: null, readyAt: null };
    await slots.write(KEY, found, {
      move: { to: "standby", reason: "WarmupCompleted", now: embedded.clock.now() },
      set,
    });
  };

  return {
    reset: async () => {
      const instance = embedded.ec2.world.instances.get(instanceId);
      instance?.cancelChange();
      if (instance) instance.state = "stopped";
      const [found] = await slots.read(KEY);
      if (found?.state === "running") await resetRecord(found);
      store.change("nodes", nodeName, undefined, (node) => {
        node.spec = structuredClone(startNode.spec);
        node.metadata.labels = { ...startNode.metadata.labels };
      });
    },
  };
};
