/** Calls to the cluster's API about nodes and their pods. */

import { type DeleteOptions, type KubeClient, KubeError } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { KubeNode, KubePod, ObjectMeta } from "../../model/kubernetes/objects.ts";
import type { Action } from "../../pool/actions.ts";
import type { DesiredNode } from "../../pool/desired-node.ts";
import { applyNode } from "../apply-node.ts";
import { inParallel } from "../in-parallel.ts";
import { drop, type Execution } from "./progress.ts";

const NODES_AT_ONCE = 20;
const PODS_AT_ONCE = 10;

type ApplyAction = Extract<Action, { kind: "applyNode" }>;

/** One patch a node, however many rules had a wish. */
const mergeDesired = (one: DesiredNode, other: DesiredNode): DesiredNode => ({
  ...one,
  ...other,
  addTaints: [...(one.addTaints ?? []), ...(other.addTaints ?? [])],
  removeTaints: [...(one.removeTaints ?? []), ...(other.removeTaints ?? [])],
  labels: { ...one.labels, ...other.labels },
  annotations: { ...one.annotations, ...other.annotations },
});

export const applyNodes = async (execution: Execution, actions: readonly ApplyAction[]): Promise<void> => {
  const bySlot = new Map<number, ApplyAction>();
  for (const action of actions) {
    const before = bySlot.get(action.instance.record.slot);
    bySlot.set(
      action.instance.record.slot,
      before ? { ...action, shape: mergeDesired(before.shape, action.shape) } : action,
    );
  }
  await inParallel([...bySlot.values()], NODES_AT_ONCE, async ({ instance, node, shape }) => {
    if (execution.progress.dropped.has(instance.record.slot)) return;
    try {
      execution.assertHeld();
      await applyNode(execution.ports, execution.view.cluster, node, shape);
    } catch (error) {
      drop(execution, instance, error);
    }
  });
};

const throwAny = (failures: readonly unknown[], doing: string) => {
  if (failures.length > 0) throw new AggregateError(failures, doing);
};

/**
 * A PodDisruptionBudget's refusal, which is no failure: 429, or 500 where several budgets cover the pod. What is in the way goes
 * away or `drainTimeout` ends it. Source: the eviction subresource, pkg/registry/core/pod/storage/eviction.go.
 */
const isRefused = (error: KubeError): boolean =>
  error.status === 429 || (error.status === 500 && error.message.includes("more than one PodDisruptionBudget"));

/** An object of the same name may have come since it was read: a StatefulSet's next pod, a node with the address of the last one. */
const only = ({ uid }: ObjectMeta) => (uid === undefined ? {} : { preconditions: { uid } });

/** Gone, or another one by now: there is nothing left to do. */
const isGone = (error: KubeError): boolean => error.status === 404 || error.status === 409;

/** Asks for eviction; pods that are gone already, and those that a budget protects, are left to the next reconcile. */
export const evict = async ({ ports, view }: Execution, pods: readonly KubePod[]): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  const failures = await inParallel(pods, PODS_AT_ONCE, async ({ metadata }) => {
    const { namespace = "default", name } = metadata;
    try {
      await kube.create(paths.eviction(namespace, name), {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { namespace, name },
        deleteOptions: only(metadata),
      });
    } catch (error) {
      if (!(error instanceof KubeError) || (!isGone(error) && !isRefused(error))) throw error;
    }
  });
  throwAny(failures, `evicting ${pods.length} pods`);
};

const deleteOnly = async (
  kube: KubeClient,
  path: string,
  metadata: ObjectMeta,
  options: DeleteOptions = {},
): Promise<void> => {
  try {
    await kube.delete(path, { ...options, ...only(metadata) });
  } catch (error) {
    if (!(error instanceof KubeError) || !isGone(error)) throw error;
  }
};

/** Deletes pods with their own grace period, or without any. */
export const deletePods = async (
  { ports, view }: Execution,
  pods: readonly KubePod[],
  force: boolean,
): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  const failures = await inParallel(pods, PODS_AT_ONCE, ({ metadata }) => {
    const { namespace = "default", name } = metadata;
    return deleteOnly(kube, paths.pod(namespace, name), metadata, force ? { gracePeriodSeconds: 0 } : {});
  });
  throwAny(failures, `deleting ${pods.length} pods`);
};

export const deleteNode = async ({ ports, view }: Execution, node: KubeNode): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  await deleteOnly(kube, paths.node(node.metadata.name), node.metadata);
};
