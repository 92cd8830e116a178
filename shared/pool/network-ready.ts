/** Whether a node's network is ready: from the network plugin's pod on it, and from what the plugin or an agent reports on the node. */
import { networkTaints, type PoolSpec } from "../model/api/pool-spec.ts";
import { isReadySinceStart, startOf } from "../model/instance-record.ts";
import { isReadySince, isSince, reportedSince } from "../model/kubernetes/condition-freshness.ts";
import {
  type BoundPod,
  conditionOf,
  type DaemonSet,
  isReady,
  type KubeNode,
  type ObjectMeta,
  type Taint,
} from "../model/kubernetes/objects.ts";
import { sameTaint } from "../model/kubernetes/taints.ts";
import { type Action, emitEvent } from "./actions.ts";
import type { Instance, PoolView } from "./view.ts";

/** The DaemonSets of the network plugins, by the names that their add-ons, charts and operators give them. */
const PLUGINS: readonly string[] = ["aws-node", "cilium", "calico-node"];
/** Reports `NetworkingReady`; an add-on of EKS. */
const MONITORING_AGENT = "eks-node-monitoring-agent";

/** Whether the DaemonSet's pods show, or report, that the network of their nodes is ready. */
export const isNetworkReporter = ({ metadata }: DaemonSet): boolean =>
  PLUGINS.includes(metadata.name) || metadata.name === MONITORING_AGENT;

const CNI_REASONS: readonly (string | undefined)[] = ["CiliumIsUp", "CalicoIsUp", "CalicoIsDown"];

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

const isPlugin = ({ ownerReferences = [] }: ObjectMeta): boolean =>
  ownerReferences.some(({ kind, name }) => kind === "DaemonSet" && PLUGINS.includes(name));

const hasLabels = ({ labels }: ObjectMeta, selector: Readonly<Record<string, string>>): boolean =>
  Object.entries(selector).every(([key, value]) => labels?.[key] === value);

/** The containers tell whether the pod runs since the start: its condition may never have changed, if the stop was short. */
const runsSince = (pod: BoundPod, startedAt: number): boolean => {
  const containers = pod.status?.containerStatuses ?? [];
  return (
    isReady(pod) &&
    containers.length > 0 &&
    containers.every(({ state }) => isSince(state?.running?.startedAt, startedAt))
  );
};

/** Plugins may be chained, such as Calico for policies on the VPC CNI: then all of them have to run. */
const isPluginReady = (pods: readonly BoundPod[], { template }: PoolSpec, startedAt: number): boolean => {
  const selector = template.networkPodSelector;
  const plugins = pods.filter(
    ({ metadata }) =>
      metadata.deletionTimestamp === undefined && (selector ? hasLabels(metadata, selector) : isPlugin(metadata)),
  );
  return plugins.length > 0 && plugins.every((pod) => runsSince(pod, startedAt));
};

/**
 * Of a Ready node. In order: the plugin's pod, then what is reported on the node since the start, then, where nothing could report, the node
 * itself. `startedAt`: when the latest start was decided, in ms; 0 for an instance that has not been started yet.
 */
const isNetworkReady = ({ node, pods }: Instance & { node: KubeNode }, view: PoolView, startedAt: number): boolean => {
  const { spec, hasNetworkReporter } = view;
  if (spec.template.networkReadinessStrategy === "None" || isPluginReady(pods, spec, startedAt)) return true;
  const { networking, unavailable } = reportsOf(node);
  if (networking?.status === "True" && reportedSince(networking, startedAt)) return true;
  if (unavailable?.status === "False" && reportedSince(unavailable, startedAt)) return true;
  return !(spec.template.networkPodSelector || hasNetworkReporter || networking || unavailable);
};

/** A plugin that never reports must not keep a node empty, or warming up, for ever. */
const NETWORK_TIMEOUT_MS = 2 * 60_000;

/** The network of a Ready node. Times are milliseconds since the epoch. */
export type NetworkState =
  /** Until the network is ready, or at the latest until `until`. */
  | { readonly kind: "pending"; readonly until: number }
  /** `since`: the start or, if that was later, when the node became Ready. */
  | { readonly kind: "ready" | "timedOut"; readonly since: number };

const turnedReadyAt = (node: KubeNode, startedAt: number): number =>
  Date.parse(conditionOf(node, "Ready")?.lastTransitionTime ?? "") || startedAt;

/** Of a node that has been Ready since its start: the start or, if that was later, when the node became Ready. */
export const readySince = (node: KubeNode, startedAt: number): number =>
  Math.max(startedAt, turnedReadyAt(node, startedAt));

/** Undefined for a node that has not been Ready since its start. */
export const networkState = (instance: Instance, view: PoolView): NetworkState | undefined => {
  const { record, node } = instance;
  const startedAt = startOf(record);
  if (!node || !isReadySinceStart(node, record)) return undefined;
  const since = readySince(node, startedAt);
  // If the machine's clock is behind, the plugin's times are as well.
  const reportedFrom = isReadySince(node, startedAt) ? startedAt : turnedReadyAt(node, startedAt);
  if (isNetworkReady({ ...instance, node }, view, reportedFrom)) return { kind: "ready", since };
  const until = since + NETWORK_TIMEOUT_MS;
  return view.now < until ? { kind: "pending", until } : { kind: "timedOut", since };
};

/** The taints, on the node, that its network decides on. */
export const gatedTaints = (node: KubeNode, spec: PoolSpec): readonly Taint[] => {
  const gated = networkTaints(spec);
  return (node.spec?.taints ?? []).filter((taint) => gated.some((other) => sameTaint(taint, other)));
};

/** `consequence`: what was done although the network is not ready. */
export const networkNotReady = (instance: Instance, consequence: string): Action =>
  emitEvent(
    "Warning",
    "NetworkNotReady",
    `${instance.node?.metadata.name} showed no ready network within ${NETWORK_TIMEOUT_MS / 1000} s of being Ready; ${consequence}`,
    instance,
  );
