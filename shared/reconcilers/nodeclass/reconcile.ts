/** The nodeclass reconciler: keeps a class resolved, counts the pools that refer to it, and cleans up after it. */

import type { NodeClassResources } from "../../aws/node-class-resources.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { RecordEvents } from "../../kube/events.ts";
import { paths } from "../../kube/paths.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import { canonicalJson } from "../../model/canonical-json.ts";
import { FINALIZER } from "../../model/names.ts";
import { finalizersOf, type NodeClassPlan, planNodeClass } from "../../nodeclass/plan.ts";
import { type Outcome, outcomesOf, type Resolution } from "../../nodeclass/resolution.ts";
import type { PoolUse, Warning } from "../../nodeclass/view.ts";
import type { KeyLease, Reconcile, ReconcileResult, WakeSender } from "../../queue/types.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { deleteInstanceProfile } from "./instance-profile.ts";
import { resolveNodeClass } from "./resolve.ts";

/** Images are released, and subnets tagged, without an event to tell us. */
const REFRESH_MS = 5 * 60_000;
/** What does not exist is looked for more often: someone is likely to be creating it. */
const RETRY_MISSING_MS = 60_000;
/** IAM's changes reach EC2 within seconds, as a rule. */
const RETRY_SETTLING_MS = 10_000;

export interface NodeClassPorts {
  /** The API of a cluster this deployment serves; throws for one that it does not. */
  kube(cluster: string): Promise<KubeClient>;
  readonly cloud: NodeClassResources;
  readonly region: string;
  readonly wakeQueue: WakeSender;
  readonly telemetry: Telemetry;
  readonly recordEvents: RecordEvents;
}

/** One class under work, with what is needed to write about it. */
interface Work {
  readonly ports: NodeClassPorts;
  readonly kube: KubeClient;
  readonly cluster: string;
  readonly lease: KeyLease;
}

/** Keys are `cluster/class`. Throws for a failed look-up too, after showing it, so that the queue backs off and retries. */
export const createNodeClassReconcile =
  (ports: NodeClassPorts): Reconcile =>
  async (lease) => {
    const [cluster = "", name = ""] = lease.key.split("/");
    const kube = await ports.kube(cluster);
    const [nodeClass, pools] = await Promise.all([
      kube.get<AWSNodeClass>(paths.nodeClass(name)),
      kube.list<NodePool>(paths.nodePools()),
    ]);
    if (!nodeClass) return {};
    const users = usesOf(name, pools);
    const work = { ports, kube, cluster, lease };
    if (nodeClass.metadata.deletionTimestamp && users.length === 0) return finishDeletion(work, nodeClass);
    return keepResolved(work, nodeClass, users);
  };

const usesOf = (nodeClass: string, pools: readonly NodePool[]): PoolUse[] =>
  pools
    .filter(({ spec }) => spec.template.nodeClassRef.name === nodeClass)
    .map(({ metadata: { name }, spec, status }) => ({ name, minStandby: spec.minStandby, total: status?.total ?? 0 }))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1));

const keepResolved = async (work: Work, found: AWSNodeClass, pools: readonly PoolUse[]): Promise<ReconcileResult> => {
  const { ports, kube, cluster, lease } = work;
  // Before the profile is created, so that it cannot outlive the class.
  const nodeClass = found.metadata.deletionTimestamp
    ? found
    : await setFinalizers(work, found, finalizersOf(found, pools.length > 0));
  if (!nodeClass) return {};
  lease.assertHeld();
  const facts = { name: cluster, version: () => clusterVersion(kube) };
  const resolution = await resolveNodeClass(ports.cloud, facts, nodeClass, lease.now());
  const plan = planNodeClass({ nodeClass, pools, region: ports.region, now: lease.now(), resolution });
  await show(work, nodeClass, plan);
  measureAddresses(work, nodeClass, resolution);
  failIfUnanswered(resolution, lease.key);
  return { requeueAt: lease.now() + retryAfter(resolution) };
};

/** A stopped instance keeps its address, so standby eats a subnet up unseen. */
const measureAddresses = ({ ports, cluster }: Work, { metadata }: AWSNodeClass, { subnets }: Resolution): void => {
  if (subnets.kind !== "resolved") return;
  const fewest = Math.min(...subnets.value.map(({ freeAddresses }) => freeAddresses));
  ports.telemetry.recordMetric("freeAddresses", fewest, { Cluster: cluster, NodeClass: metadata.name });
};

const retryAfter = (resolution: Resolution): number => {
  const has = (kind: Outcome<unknown>["kind"]) => outcomesOf(resolution).some((outcome) => outcome.kind === kind);
  if (has("settling")) return RETRY_SETTLING_MS;
  return has("missing") ? RETRY_MISSING_MS : REFRESH_MS;
};

/** Kubernetes refuses new finalizers on an object that is being deleted, and takes them away one by one. */
const finishDeletion = async (work: Work, nodeClass: AWSNodeClass): Promise<ReconcileResult> => {
  const { metadata } = nodeClass;
  const without = (finalizers: readonly string[] = [], name: string) => finalizers.filter((other) => other !== name);
  const unused = await setFinalizers(work, nodeClass, without(metadata.finalizers, FINALIZER.classInUse));
  if (!unused?.metadata.finalizers?.includes(FINALIZER.classInstanceProfile)) return {};
  work.lease.assertHeld();
  await deleteInstanceProfile(work.ports.cloud, work.cluster, metadata.name);
  await setFinalizers(work, unused, without(unused.metadata.finalizers, FINALIZER.classInstanceProfile));
  return {};
};

/** The class as it is afterwards; undefined if it is gone. Another writer's change in between is a conflict, and a retry. */
const setFinalizers = async (
  { kube, lease }: Work,
  nodeClass: AWSNodeClass,
  finalizers: readonly string[],
): Promise<AWSNodeClass | undefined> => {
  const { name, resourceVersion, finalizers: found = [] } = nodeClass.metadata;
  if (found.length === finalizers.length && found.every((finalizer) => finalizers.includes(finalizer)))
    return nodeClass;
  lease.assertHeld();
  return kube.patch<AWSNodeClass>(paths.nodeClass(name), "merge", { metadata: { resourceVersion, finalizers } });
};

/** Status first: the pools that are woken must find it. */
const show = async (work: Work, nodeClass: AWSNodeClass, plan: NodeClassPlan): Promise<void> => {
  const { ports, kube, cluster, lease } = work;
  const { name } = nodeClass.metadata;
  const status = statusPatch(nodeClass.status ?? {}, plan.status);
  if (Object.keys(status).length > 0) {
    lease.assertHeld();
    await kube.patch(paths.nodeClassStatus(name), "merge", { status });
  }
  for (const warning of plan.warnings) await warn(work, nodeClass, warning);
  await ports.wakeQueue.enqueue(
    "pool",
    plan.poolsToWake.map((pool) => `${cluster}/${pool}`),
  );
};

/** What cannot be told is logged: it must not undo what was done. */
const warn = async (
  { ports, kube, cluster, lease }: Work,
  { metadata }: AWSNodeClass,
  { reason, message }: Warning,
): Promise<void> => {
  const { log } = ports.telemetry;
  const { name, uid } = metadata;
  log.warn(message, { cluster, nodeClass: name, reason });
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "AWSNodeClass", name, uid };
  try {
    await ports.recordEvents(kube, [{ object, type: "Warning", reason, message, now: lease.now() }]);
  } catch (error) {
    log.warn("recording an event failed", { cluster, nodeClass: name, error });
  }
};

const failIfUnanswered = (resolution: Resolution, key: string): void => {
  const failures = outcomesOf(resolution).filter((outcome) => outcome.kind === "failed");
  if (failures.length === 0) return;
  const messages = failures.map(({ message }) => message).join("; ");
  throw new AggregateError(
    failures.map(({ cause }) => cause),
    `resolving node class ${key}: ${messages}`,
  );
};

/** EKS marks its own builds with a plus: minor `35+`. */
const clusterVersion = async (kube: KubeClient): Promise<string> => {
  const version = await kube.get<{ major: string; minor: string }>("/version");
  if (!version) throw new Error("the API server does not tell its version");
  return `${version.major}.${version.minor.replace(/\D+$/, "")}`;
};

/** The fields that differ, as a merge patch: null takes away what is not known any more. An API server does not keep their order. */
export const statusPatch = (before: object, after: object): Record<string, unknown> => {
  const known = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => canonicalJson(known.get(key)) !== canonicalJson(value),
  );
  return Object.fromEntries(changed.map(([key, value]) => [key, value ?? null]));
};
