/** The load of a world: its class, pools and workloads, and what belongs to others. */
import { READINESS } from "../../shared/nodeclass/launch-config.ts";
import { integer, streamOf } from "./random.ts";
import type { Scenario, Workload } from "./scenario.ts";
import { atRandom } from "./times.ts";
import { FOREIGN_NODE, type SimulatedWorld, START } from "./world.ts";

const CLASS = "workers";
const MEAN_CHANGE_MS = 2 * 60_000;
const IMAGE = /al2023-x86_64-standard-1\.36/;

const applyClass = (world: SimulatedWorld): void => {
  const { images, subnets } = world.ec2.world;
  const image = [...images.values()].find(({ name }) => IMAGE.test(name));
  const lastTransitionTime = new Date(START).toISOString();
  const condition = { status: "True", reason: "Resolved", message: "", lastTransitionTime };
  world.apply("awsnodeclasses.stratos.sh", {
    apiVersion: "stratos.sh/v1alpha1",
    kind: "AWSNodeClass",
    metadata: { name: CLASS },
    spec: {
      instanceType: "m5.large",
      bootstrapTemplate: "AL2023",
      subnetIds: [...subnets.keys()],
      securityGroupIds: ["sg-12345678"],
      iamInstanceProfile: "node-role",
    },
    status: {
      resolvedAMI: image?.id,
      resolvedSubnets: [...subnets.values()].map(({ id, zone }) => ({ id, zone })),
      resolvedSecurityGroups: [{ id: "sg-12345678", name: "my-cluster-node" }],
      resolvedInstanceProfile: "node-role",
      conditions: READINESS.map((type) => ({ type, ...condition })),
    },
  });
};

/** A node of somebody else, which nobody of these may touch. */
const applyForeignNode = ({ store }: SimulatedWorld): void => {
  store.create("nodes", {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: FOREIGN_NODE, labels: { "karpenter.sh/nodepool": "default" } },
    spec: { providerID: "aws:///us-east-1a/i-0aaaaaaaaaaaaaaaa", unschedulable: true },
    status: { conditions: [], allocatable: { cpu: "2", memory: "8Gi", pods: "29" } },
  });
};

export const scale = (world: SimulatedWorld, { name, pool, cpu }: Workload, replicas: number): void => {
  world.trace.add("user", `deployment ${name}: ${replicas} replicas`);
  world.apply("deployments.apps", {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          nodeSelector: { team: pool },
          terminationGracePeriodSeconds: 5,
          containers: [{ name: "main", image: "nginx", resources: { requests: { cpu } } }],
        },
      },
    },
  });
};

/** Creates everything and changes the workloads from time to time. Returns what ends the changes. */
export const startLoad = (world: SimulatedWorld, scenario: Scenario): (() => void) => {
  const { seed, pools, workloads, script } = scenario;
  applyClass(world);
  applyForeignNode(world);
  for (const { name, spec } of pools)
    world.apply("nodepools.stratos.sh", {
      apiVersion: "stratos.sh/v1alpha1",
      kind: "NodePool",
      metadata: { name },
      spec,
    });
  if (script) {
    for (const { atMs, replicas } of script)
      world.clock.after(atMs, () => {
        for (const workload of workloads) scale(world, workload, replicas);
      });
    return () => {};
  }
  const stops = workloads.map((workload) => {
    const random = streamOf(seed, `load ${workload.name}`);
    return atRandom(world.clock, random, MEAN_CHANGE_MS, () =>
      scale(world, workload, integer(random, 0, workload.maxReplicas)),
    );
  });
  return () => {
    for (const stop of stops) stop();
  };
};
