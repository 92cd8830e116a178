import { DescribeInstancesCommand, type EC2Client } from "@aws-sdk/client-ec2";
import { ApiException, CoreV1Api, CustomObjectsApi, type KubeConfig } from "@kubernetes/client-node";
import { API_GROUP, API_VERSION, LABEL, MANAGED_BY, TAG } from "../shared/model/names.ts";

export interface Deployed {
  readonly kubeConfig: KubeConfig;
  readonly ec2: Pick<EC2Client, "send">;
  /** The cluster's name in the stack's `clusters`. */
  readonly cluster: string;
}

/** EC2's default for a page. */
const PAGE_SIZE = 1000;
const NOT_FOUND = 404;

/** What only Stratos's functions remove, one line for each: they must run until it is gone. Empty when a cluster may lose them. */
export const findLeftOver = async (deployed: Deployed): Promise<string[]> => {
  const [pools, classes, nodes, instances] = await Promise.all([
    namesOf(deployed, "nodepools"),
    namesOf(deployed, "awsnodeclasses"),
    nodesOf(deployed),
    instancesOf(deployed),
  ]);
  return [
    ...pools.map((name) => `NodePool ${name}`),
    ...classes.map((name) => `AWSNodeClass ${name}`),
    ...nodes.map((name) => `Node ${name}`),
    ...instances,
  ];
};

interface Named {
  readonly metadata: { readonly name: string };
}

/** None, if the custom resource definitions are gone already. */
const namesOf = async ({ kubeConfig }: Deployed, plural: string): Promise<string[]> => {
  const request = { group: API_GROUP, version: API_VERSION, plural };
  try {
    const { items }: { items: Named[] } = await kubeConfig
      .makeApiClient(CustomObjectsApi)
      .listClusterCustomObject(request);
    return items.map(({ metadata }) => metadata.name);
  } catch (error) {
    if (error instanceof ApiException && error.code === NOT_FOUND) return [];
    throw error;
  }
};

const nodesOf = async ({ kubeConfig }: Deployed): Promise<string[]> => {
  const { items } = await kubeConfig.makeApiClient(CoreV1Api).listNode({ labelSelector: LABEL.pool });
  return items.map(({ metadata }) => metadata?.name ?? "");
};

/** Instances with Stratos's tags that cost something, or will. */
const instancesOf = async ({ ec2, cluster }: Deployed): Promise<string[]> => {
  const Filters = [
    { Name: `tag:${TAG.managedBy}`, Values: [MANAGED_BY] },
    { Name: `tag:${TAG.cluster}`, Values: [cluster] },
    { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
  ];
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await ec2.send(new DescribeInstancesCommand({ Filters, MaxResults: PAGE_SIZE, NextToken }));
    for (const { InstanceId, State, Tags } of page.Reservations?.flatMap(({ Instances = [] }) => Instances) ?? []) {
      const pool = Tags?.find(({ Key }) => Key === TAG.pool)?.Value;
      found.push(`instance ${InstanceId}, ${State?.Name}, of pool ${pool}`);
    }
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
};
