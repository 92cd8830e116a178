/** The load of a world: its class, pools and workloads, and what belongs to others. */
import { applyClass } from "./node-class.ts";
import { integer, type Random, streamOf } from "./random.ts";
import type { Scenario, Workload } from "./scenario.ts";
import { atRandom } from "./times.ts";
import { FOREIGN_NODE, type SimulatedWorld } from "./world.ts";

const MEAN_CHANGE_MS = 2 * 60_000;

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

/** A node runs one pod that needs a GPU. */
const containerOf = ({ cpu }: Workload, { hasGpus }: Scenario) => ({
  name: "main",
  image: "nginx",
  resources: { requests: { cpu }, ...(hasGpus && { limits: { "nvidia.com/gpu": "1" } }) },
});

/** A claim that is bound to a volume in the workload's zone. */
const applyVolume = ({ store }: SimulatedWorld, { name, volumeZone }: Workload): void => {
  if (volumeZone === undefined) return;
  const zone = { key: "topology.kubernetes.io/zone", operator: "In", values: [volumeZone] };
  const shared = { capacity: { storage: "10Gi" }, accessModes: ["ReadWriteOnce"] };
  store.create("persistentvolumes", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name },
    spec: {
      ...shared,
      csi: { driver: "ebs.csi.aws.com", volumeHandle: `vol-${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
      claimRef: { namespace: "default", name },
    },
    status: { phase: "Bound" },
  });
  store.create("persistentvolumeclaims", {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "default" },
    spec: { accessModes: shared.accessModes, resources: { requests: shared.capacity }, volumeName: name },
    status: { phase: "Bound" },
  });
};

export const scale = (world: SimulatedWorld, scenario: Scenario, workload: Workload, replicas: number): void => {
  const { name, pool, volumeZone } = workload;
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
          containers: [containerOf(workload, scenario)],
          ...(volumeZone !== undefined && { volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }] }),
        },
      },
    },
  });
};

const JOBS = "jobs.batch";

/** Jobs are not changed: each call makes one more, whose pods end by themselves. */
const runJob = (
  world: SimulatedWorld,
  scenario: Scenario,
  workload: Workload,
  number: number,
  random: Random,
): void => {
  const { name, pool } = workload;
  const parallelism = integer(random, 1, 2);
  const seconds = integer(random, 5, 90);
  world.trace.add("user", `job ${name}-${number}: ${parallelism} pods for ${seconds} s`);
  world.apply(JOBS, {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `${name}-${number}`, namespace: "default" },
    spec: {
      parallelism,
      completions: parallelism,
      // Whatever happens to its nodes, the job ends.
      backoffLimit: 1_000,
      ttlSecondsAfterFinished: 30,
      template: {
        metadata: { labels: { app: name } },
        spec: {
          restartPolicy: "Never",
          nodeSelector: { team: pool },
          terminationGracePeriodSeconds: 5,
          containers: [{ ...containerOf(workload, scenario), command: ["sleep", String(seconds)] }],
        },
      },
    },
  });
};

/** Creates everything and changes the workloads from time to time. Returns what ends the changes. */
export const startLoad = (world: SimulatedWorld, scenario: Scenario): (() => void) => {
  const { seed, pools, workloads, script } = scenario;
  applyClass(world, scenario);
  applyForeignNode(world);
  for (const workload of workloads) applyVolume(world, workload);
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
        for (const workload of workloads) scale(world, scenario, workload, replicas);
      });
    return () => {};
  }
  const stops = workloads.map((workload) => {
    const random = streamOf(seed, `load ${workload.name}`);
    let changes = 0;
    return atRandom(world.clock, random, MEAN_CHANGE_MS, () => {
      changes += 1;
      if (workload.kind === "Job") runJob(world, scenario, workload, changes, random);
      else scale(world, scenario, workload, integer(random, 0, workload.maxReplicas));
    });
  });
  return () => {
    for (const stop of stops) stop();
  };
};
