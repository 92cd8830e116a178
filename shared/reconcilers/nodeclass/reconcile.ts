/** The nodeclass reconciler: keeps a class resolved, counts the pools that use it, and cleans up after its deletion. */

import type { NodeClassResources } from "../../aws/node-class-resources.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { RecordEvents } from "../../kube/events.ts";
import { paths } from "../../kube/paths.ts";
import type { AWSNodeClass, NodePool } from "../../model/api/types.ts";
import { objectKey, parseObjectKey } from "../../model/keys.ts";
import { FINALIZER } from "../../model/names.ts";
import { finalizersOf, type NodeClassPlan, planNodeClass } from "../../nodeclass/plan.ts";
import { type Outcome, outcomesOf, type Resolution } from "../../nodeclass/resolution.ts";
import type { PoolUse, Warning } from "../../nodeclass/view.ts";
import type { KeyLease, Reconcile, ReconcileResult, WakeSender } from "../../queue/types.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import { tryRecordEvents } from "../record-events.ts";
import { statusPatch } from "../status-patch.ts";
import { deleteInstanceProfile } from "./instance-profile.ts";
import { resolveNodeClass } from "./resolve.ts";

/** New images and changed subnet tags cause no event. */
const REFRESH_MS = 5 * 60_000;
/** A missing resource is looked up more often, because it is likely to be created soon. */
const RETRY_MISSING_MS = 60_000;
/** IAM changes usually reach EC2 within seconds. */
const RETRY_SETTLING_MS = 10_000;

export interface NodeClassPorts {
  /** The Kubernetes API of a cluster; throws for a cluster that this deployment does not serve. */
  kube(cluster: string): Promise<KubeClient>;
  readonly resources: NodeClassResources;
  readonly region: string;
  readonly wakeQueue: WakeSender;
  readonly telemetry: Telemetry;
  readonly recordEvents: RecordEvents;
}

/** The context of one reconcile. */
interface Work {
  readonly ports: NodeClassPorts;
  readonly kube: KubeClient;
  readonly cluster: string;
  readonly lease: KeyLease;
}

/** Keys are `cluster/class`. After a failed lookup it writes the status and then throws, so that the queue retries with backoff. */
export const createNodeClassReconcile =
  (ports: NodeClassPorts): Reconcile =>
  async (lease) => {
    const { cluster, name } = parseObjectKey(lease.key);
    const kube = await ports.kube(cluster);
    const [nodeClass, pools] = await Promise.all([
      kube.get<AWSNodeClass>(paths.nodeClass(name)),
      kube.list<NodePool>(paths.nodePools()),
    ]);
    if (!nodeClass) return { isGone: true };
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
  // Set before the profile is created, so that the profile cannot outlive the class.
  const nodeClass = found.metadata.deletionTimestamp
    ? found
    : await setFinalizers(work, found, finalizersOf(found, pools.length > 0));
  if (!nodeClass) return {};
  lease.assertHeld();
  const facts = { name: cluster, version: () => clusterVersion(kube) };
  const resolution = await resolveNodeClass(ports.resources, facts, nodeClass, lease.now());
  const plan = planNodeClass({ nodeClass, pools, region: ports.region, now: lease.now(), resolution });
  await execute(work, nodeClass, plan);
  recordFreeAddresses(work, nodeClass, resolution);
  throwIfLookupFailed(resolution, lease.key);
  return { requeueAt: lease.now() + requeueDelay(resolution) };
};

/** A stopped instance keeps its address, so standby uses up a subnet's addresses unnoticed. */
const recordFreeAddresses = ({ ports, cluster }: Work, { metadata }: AWSNodeClass, { subnets }: Resolution): void => {
  if (subnets.kind !== "resolved") return;
  const fewest = Math.min(...subnets.value.map(({ freeAddresses }) => freeAddresses));
  ports.telemetry.recordMetric("freeAddresses", fewest, { Cluster: cluster, NodeClass: metadata.name });
};

const requeueDelay = (resolution: Resolution): number => {
  const has = (kind: Outcome<unknown>["kind"]) => outcomesOf(resolution).some((outcome) => outcome.kind === kind);
  if (has("settling")) return RETRY_SETTLING_MS;
  return has("missing") ? RETRY_MISSING_MS : REFRESH_MS;
};

/** Kubernetes allows no new finalizers on an object that is being deleted; they are removed one by one. */
const finishDeletion = async (work: Work, nodeClass: AWSNodeClass): Promise<ReconcileResult> => {
  const { metadata } = nodeClass;
  const without = (finalizers: readonly string[] = [], name: string) => finalizers.filter((other) => other !== name);
  const unused = await setFinalizers(work, nodeClass, without(metadata.finalizers, FINALIZER.classInUse));
  if (!unused?.metadata.finalizers?.includes(FINALIZER.classInstanceProfile)) return {};
  work.lease.assertHeld();
  const carriers = await deleteInstanceProfile(work.ports.resources, work.cluster, metadata.name);
  if (carriers.length > 0) {
    const message = `deletion waits until no instance carries the class's instance profile: ${someOf(carriers)}`;
    await warn(work, unused, { reason: "DeletionBlocked", message });
    return { requeueAt: work.lease.now() + RETRY_MISSING_MS };
  }
  await setFinalizers(work, unused, without(unused.metadata.finalizers, FINALIZER.classInstanceProfile));
  return {};
};

const NAMED_INSTANCES = 5;

const someOf = (ids: readonly string[]): string => {
  const more = ids.length - NAMED_INSTANCES;
  return ids.slice(0, NAMED_INSTANCES).join(", ") + (more > 0 ? ` and ${more} more` : "");
};

/** Returns the updated class; undefined if it is gone. A concurrent change is a conflict, and the queue retries. */
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

/** The status is written first, so that the pools it wakes read the new one. */
const execute = async (work: Work, nodeClass: AWSNodeClass, plan: NodeClassPlan): Promise<void> => {
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
    plan.poolsToWake.map((pool) => objectKey(cluster, pool)),
  );
};

/** A failure to record the event is only logged: it must not fail the reconcile. */
const warn = async (
  { ports, kube, cluster, lease }: Work,
  { metadata }: AWSNodeClass,
  { reason, message }: Warning,
): Promise<void> => {
  const { name, uid } = metadata;
  ports.telemetry.log.warn(message, { cluster, nodeClass: name, reason });
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "AWSNodeClass", name, uid };
  const report = { object, type: "Warning", reason, message, now: lease.now() } as const;
  await tryRecordEvents(kube, ports, [report], { cluster, nodeClass: name });
};

const throwIfLookupFailed = (resolution: Resolution, key: string): void => {
  const failures = outcomesOf(resolution).filter((outcome) => outcome.kind === "failed");
  if (failures.length === 0) return;
  const messages = failures.map(({ message }) => message).join("; ");
  throw new AggregateError(
    failures.map(({ cause }) => cause),
    `resolving node class ${key}: ${messages}`,
  );
};

/** EKS appends a plus to the minor version: `35+`. */
const clusterVersion = async (kube: KubeClient): Promise<string> => {
  const version = await kube.get<{ major: string; minor: string }>("/version");
  if (!version) throw new Error("the API server does not serve /version");
  return `${version.major}.${version.minor.replace(/\D+$/, "")}`;
};
