/** Whether a node's network is ready, from what the CNI or the EKS node monitoring agent reports on it, and from the CNI's pod. */
import { type PoolSpec, readinessTaints } from "../model/api/pool-spec.ts";
import { startOf } from "../model/instance-record.ts";
import { isReadySince, reportedSince } from "../model/kubernetes/condition-freshness.ts";
import { conditionOf, isReady, type KubeNode, type KubePod, type Taint } from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import type { Instance } from "./view.ts";

const CNI_REASONS: readonly (string | undefined)[] = ["CiliumIsUp", "CalicoIsUp"];

/** What reports on the network of this node, now or before its latest start. */
const reportsOf = (node: KubeNode) => {
  const networking = conditionOf(node, "NetworkingReady");
  const unavailable = conditionOf(node, "NetworkUnavailable");
  return {
    networking,
    // Cloud providers with routes of their own report it as well, and know nothing of the CNI.
    unavailable: CNI_REASONS.includes(unavailable?.reason) ? unavailable : undefined,
  };
};

const isPluginReady = (pods: readonly KubePod[], selector: Readonly<Record<string, string>>, startedAt: number) =>
  pods.some(
    (pod) =>
      Object.entries(selector).every(([key, value]) => pod.metadata.labels?.[key] === value) &&
      isReady(pod) &&
      reportedSince(conditionOf(pod, "Ready"), startedAt),
  );

/**
 * Ready by the agent's NetworkingReady or the CNI's NetworkUnavailable, and, where `networkPodSelector` is given, by a Ready pod
 * of the CNI. The pod decides alone on a node that nothing has ever reported on, as with the VPC CNI without the agent.
 * `startedAt`: when the latest start was decided, in ms; 0 for an instance that has not been started yet.
 */
export const isNetworkReady = (
  { node, pods }: Pick<Instance, "node" | "pods">,
  { template: { networkPodSelector } }: PoolSpec,
  startedAt: number,
): boolean => {
  if (!node) return false;
  const { networking, unavailable } = reportsOf(node);
  const isReported =
    (networking?.status === "True" && reportedSince(networking, startedAt)) ||
    (unavailable?.status === "False" && reportedSince(unavailable, startedAt));
  if (!networkPodSelector) return isReported;
  const reportsNothing = networking === undefined && unavailable === undefined;
  return (isReported || reportsNothing) && isPluginReady(pods, networkPodSelector, startedAt);
};

/** A CNI that never reports must not keep a node empty for ever. */
export const NETWORK_TIMEOUT_MS = 2 * 60_000;

/** What becomes of the readiness taints on a Ready node, `taints`. Times are milliseconds since the epoch. */
export type NetworkGate =
  /** They stay until the network is ready, or at the latest until `until`. */
  | { readonly kind: "closed"; readonly taints: readonly Taint[]; readonly until: number }
  /** They are removed, `since` the start or, if that was later, since the node became Ready. */
  | { readonly kind: "open" | "timedOut"; readonly taints: readonly Taint[]; readonly since: number };

/** Undefined for a node that is not Ready since its start, or that has no readiness taint. */
export const networkGate = (instance: Instance, spec: PoolSpec, now: number): NetworkGate | undefined => {
  const { record, node } = instance;
  const startedAt = startOf(record);
  if (!node || !isReadySince(node, startedAt)) return undefined;
  const taints = (node.spec?.taints ?? []).filter((taint) =>
    readinessTaints(spec).some((other) => sameTaint(taint, other)),
  );
  if (taints.length === 0) return undefined;
  const readySince = Date.parse(conditionOf(node, "Ready")?.lastTransitionTime ?? "") || startedAt;
  const since = Math.max(startedAt, readySince);
  if (isNetworkReady(instance, spec, startedAt)) return { kind: "open", taints, since };
  const until = since + NETWORK_TIMEOUT_MS;
  return now < until ? { kind: "closed", taints, until } : { kind: "timedOut", taints, since };
};
