/** Calls to the cluster's API about nodes and their pods. */

import { type DeleteOptions, DISRUPTION_BUDGET, type KubeClient, KubeError } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import { inParallel } from "../../model/in-parallel.ts";
import type { BoundPod, KubeNode, ObjectMeta } from "../../model/kubernetes/objects.ts";
import type { Action } from "../../pool/actions.ts";
import { patchNode } from "../apply-node.ts";
import { throwIfAny } from "../failures.ts";
import { dropFailed, type Execution } from "./progress.ts";

const NODES_AT_ONCE = 20;
const PODS_AT_ONCE = 10;

type ApplyAction = Extract<Action, { kind: "applyNode" }>;

export const applyNodes = async (execution: Execution, actions: readonly ApplyAction[]): Promise<void> => {
  await inParallel(actions, NODES_AT_ONCE, async ({ instance, node, desired }) => {
    if (execution.progress.dropped.has(instance.record.slot)) return;
    try {
      execution.assertHeld();
      await patchNode(execution.ports, execution.view.cluster, node, desired);
    } catch (error) {
      dropFailed(execution, instance, error);
    }
  });
};

/**
 * A refusal by a PodDisruptionBudget, or 500 if several budgets cover the pod; unlike a 429 of a throttled API server. It is no failure: the obstacle disappears, or
 * `drainTimeout` ends the wait. Source: the eviction subresource, pkg/registry/core/pod/storage/eviction.go.
 */
const isRefused = (error: KubeError): boolean =>
  error.causes.includes(DISRUPTION_BUDGET) ||
  (error.status === 500 && error.message.includes("more than one PodDisruptionBudget"));

/** Another object may have taken the name since it was read: a StatefulSet's next pod, a node with the address of its predecessor. */
const sameObject = ({ uid }: ObjectMeta) => (uid === undefined ? {} : { preconditions: { uid } });

/** The object is gone, or another has its name: there is nothing left to do. */
const isGone = (error: KubeError): boolean => error.status === 404 || error.status === 409;

/** Evicts pods; those that a budget protects are left to the next reconcile. */
export const evict = async ({ ports, view }: Execution, pods: readonly BoundPod[]): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  const failures = await inParallel(pods, PODS_AT_ONCE, async ({ metadata }) => {
    const { namespace = "default", name } = metadata;
    try {
      await kube.create(paths.eviction(namespace, name), {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { namespace, name },
        deleteOptions: sameObject(metadata),
      });
    } catch (error) {
      if (!(error instanceof KubeError) || (!isGone(error) && !isRefused(error))) throw error;
    }
  });
  throwIfAny(failures, `evicting ${pods.length} pods`);
};

const deleteObject = async (
  kube: KubeClient,
  path: string,
  metadata: ObjectMeta,
  options: DeleteOptions = {},
): Promise<void> => {
  try {
    await kube.delete(path, { ...options, ...sameObject(metadata) });
  } catch (error) {
    if (!(error instanceof KubeError) || !isGone(error)) throw error;
  }
};

/** Deletes pods with their own grace period or, with `force`, without any. */
export const deletePods = async (
  { ports, view }: Execution,
  pods: readonly BoundPod[],
  force: boolean,
): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  const failures = await inParallel(pods, PODS_AT_ONCE, ({ metadata }) => {
    const { namespace = "default", name } = metadata;
    return deleteObject(kube, paths.pod(namespace, name), metadata, force ? { gracePeriodSeconds: 0 } : {});
  });
  throwIfAny(failures, `deleting ${pods.length} pods`);
};

export const deleteNode = async ({ ports, view }: Execution, node: KubeNode): Promise<void> => {
  const kube = await ports.kube(view.cluster);
  await deleteObject(kube, paths.node(node.metadata.name), node.metadata);
};
