/** Promises 5, 7 to 11 and 16: what must hold some time after faults, actors and load have stopped. */
import type { PodObject } from "../../../local/kubernetes/objects/objects.ts";
import type { NodePool } from "../../../shared/model/api/types.ts";
import { conditionOf } from "../../../shared/model/kubernetes/objects.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { CLUSTER } from "../kube.ts";
import { newestImage } from "../node-class.ts";
import type { Scenario } from "../scenario.ts";
import { allRecords, instanceIdOf, instancesOf, livingOf, nodeOf, nodesOf, podsOf, recordsOf } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";

const POOLS = "nodepools.stratos.sh";

const isRunning = (world: SimulatedWorld, { spec, status, metadata }: PodObject): boolean => {
  const node = nodesOf(world).find(({ metadata: { name } }) => name === spec.nodeName);
  const instance = node && world.ec2.world.instances.get(instanceIdOf(node));
  return status.phase === "Running" && instance?.state === "running" && metadata.deletionTimestamp === undefined;
};

const isFinished = ({ phase }: PodObject["status"]): boolean => phase === "Failed" || phase === "Succeeded";

const count = (pods: readonly unknown[]): number => pods.length;

const poolProblems = (world: SimulatedWorld, { metadata: { name }, spec, status }: NodePool): string[] => {
  const records = recordsOf(world, name);
  const living = livingOf(world, name);
  const inState = (state: string) => count(records.filter((record) => record.state === state));
  const wanted = Math.min(spec.minStandby, Math.max(0, spec.poolSize - inState("running")));
  const known = new Set(records.map(({ instanceId }) => instanceId));
  const drifted = status?.stale ?? 0;
  return [
    ...(drifted > 0 ? [`${name}: ${drifted} of its standby is not what its class says`] : []),
    ...["warmup", "stopping", "terminating"].flatMap((state) =>
      inState(state) > 0 ? `${name}: ${inState(state)} ${state}` : [],
    ),
    ...(inState("standby") === wanted ? [] : [`${name}: ${inState("standby")} standby instead of ${wanted}`]),
    ...living.flatMap(({ id, state }) => (known.has(id) ? [] : `${name}: ${id}, ${state}, has no record`)),
    ...records.flatMap(({ instanceId, slot, state }) => {
      const instance = living.find(({ id }) => id === instanceId);
      if (!instance) return [`${name}: slot ${slot}, ${state}, has no instance`];
      const expected = state === "running" ? "running" : "stopped";
      return ["running", "standby"].includes(state) && instance.state !== expected
        ? [`${name}: ${instanceId} is ${state} and ${instance.state}`]
        : [];
    }),
  ];
};

/** Standby that was made from an older image, also if its pool does not say so. */
const driftProblems = (world: SimulatedWorld, scenario: Scenario): string[] => {
  const { id } = newestImage(world.ec2, scenario);
  return allRecords(world)
    .filter(({ state }) => state === "standby")
    .flatMap(({ instanceId = "" }) => {
      const { imageId } = world.ec2.world.instances.get(instanceId) ?? {};
      return imageId === undefined || imageId === id
        ? []
        : [`${instanceId} is standby and of the old image ${imageId}`];
    });
};

/** Whether a node runs for the pod: one that is about to go keeps no node. */
const keepsNode = ({ metadata, status }: PodObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  !isFinished(status) &&
  !metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet");

/**
 * Nodes that run for nobody, which are about to return to standby; those that are not Ready, which are about to be restarted; and those that are not open
 * yet, to which pods come.
 */
const runningProblems = (world: SimulatedWorld): string[] =>
  allRecords(world)
    .filter(({ state }) => state === "running")
    .flatMap(({ nodeName, instanceId = "", openedAt }) => {
      const node = nodeOf(world, instanceId);
      const hasPods = podsOf(world).some((pod) => pod.spec.nodeName === nodeName && keepsNode(pod));
      return [
        ...(hasPods ? [] : [`${nodeName} runs without pods`]),
        ...(openedAt === undefined ? [`${nodeName} runs and is not open`] : []),
        ...(node && conditionOf(node, "Ready")?.status === "True" ? [] : [`${instanceId} runs and is not Ready`]),
      ];
    });

/** Nodes whose instance is gone. */
const nodeProblems = (world: SimulatedWorld): string[] =>
  nodesOf(world)
    .filter((node) => node.metadata.labels?.[LABEL.pool] !== undefined)
    .filter((node) => (world.ec2.world.instances.get(instanceIdOf(node))?.state ?? "terminated") === "terminated")
    .map(({ metadata }) => `${metadata.name} has no instance`);

/** Jobs that are not over. */
const jobProblems = (world: SimulatedWorld): string[] =>
  world.store.list("jobs.batch").map(({ metadata }) => `${metadata.name} is not done`);

/** Whether a node can come to the zone: from standby, or by a launch. */
const canReach = (world: SimulatedWorld, { metadata: { name }, spec }: NodePool, zone: string | undefined): boolean => {
  const records = recordsOf(world, name);
  const hasStandby = records.some((record) => record.state === "standby" && record.zone === zone);
  return zone === undefined || hasStandby || (spec.scaleUp?.overflow !== "None" && records.length < spec.poolSize);
};

/** Pods of workloads that do not run although their pools have room. */
const waitingProblems = (world: SimulatedWorld, { workloads }: Scenario): string[] => {
  const pools = world.store.list(POOLS) as unknown as NodePool[];
  const isFull = ({ metadata: { name }, spec }: NodePool) =>
    recordsOf(world, name).filter(({ state }) => state === "running").length >= spec.poolSize;
  return podsOf(world)
    .filter(({ metadata, status }) => metadata.labels?.app !== undefined && !isFinished(status))
    .filter((pod) => !isRunning(world, pod))
    .filter(({ spec }) => {
      const pool = pools.find(({ metadata }) => metadata.name === spec.nodeSelector?.team);
      const { volumeZone } = workloads.find(({ pool: name }) => name === spec.nodeSelector?.team) ?? {};
      return (
        pool !== undefined && (spec.nodeName !== undefined || (!isFull(pool) && canReach(world, pool, volumeZone)))
      );
    })
    .map(({ metadata, spec, status }) => `${metadata.name} is ${status.phase} on ${spec.nodeName}`);
};

/** Parameters of launches that no record refers to: nobody would ever delete them. */
const launchProblems = (world: SimulatedWorld): string[] => {
  const tokens = new Set(allRecords(world).map(({ token }) => token));
  return world.documents
    .items()
    .map(({ sk }) => String(sk))
    .filter((sk) => sk.startsWith("LAUNCH#") && !tokens.has(sk.slice("LAUNCH#".length)))
    .map((sk) => `the table keeps ${sk}`);
};

/** What is not as it should be; empty once the world has recovered. */
export const problemsOf = (world: SimulatedWorld, scenario: Scenario): readonly string[] => [
  ...(world.store.list(POOLS) as unknown as NodePool[]).flatMap((pool) => poolProblems(world, pool)),
  ...driftProblems(world, scenario),
  ...nodeProblems(world),
  ...runningProblems(world),
  ...launchProblems(world),
  ...waitingProblems(world, scenario),
  ...jobProblems(world),
];

/** Promise 10: what is left of deleted pools. */
export const leftoversOf = (world: SimulatedWorld, pools: readonly string[]): readonly string[] => [
  ...pools.flatMap((name) => (world.store.get(POOLS, name) ? `pool ${name}` : [])),
  ...pools.flatMap((name) =>
    instancesOf(world, name).flatMap(({ id, state }) => (state === "terminated" ? [] : `${id}, ${state}`)),
  ),
  ...nodesOf(world).flatMap(({ metadata }) =>
    pools.includes(metadata.labels?.[LABEL.pool] ?? "") ? `node ${metadata.name}` : [],
  ),
  ...pools.flatMap((name) => world.documents.partition(`POOL#${CLUSTER}/${name}`).map(({ sk }) => `${name} ${sk}`)),
];
