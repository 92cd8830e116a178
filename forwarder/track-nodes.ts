import { conditionOf, isReady, type KubeNode } from "../shared/model/kubernetes/objects.ts";
import { LABEL } from "../shared/model/names.ts";
import type { Tracker } from "./reflector.ts";
import type { WakeEvent, WakeEvents } from "./wake-events.ts";

/** What is kept of a node. */
interface NodeFacts {
  readonly pool: string | undefined;
  readonly instanceId: string | undefined;
  readonly ready: boolean;
  /** Changes exactly when something changes that a pool's reconciler looks at. */
  readonly fingerprint: string;
}

export interface NodeTracker extends Tracker<KubeNode> {
  /** The pool a node is labelled with, if it is known and labelled. */
  poolOf(node: string): string | undefined;
}

/** Says which pool a node's change concerns, and which unlabelled nodes might belong to one. */
export const trackNodes = (events: WakeEvents, offer: (hint: WakeEvent) => void): NodeTracker => {
  const nodes = new Map<string, NodeFacts>();

  const set = (name: string, node: KubeNode) => {
    const before = nodes.get(name);
    const after = factsOf(node);
    nodes.set(name, after);
    if (after.pool !== undefined && after.fingerprint !== before?.fingerprint)
      offer(events.nodeChanged(after.pool, name));
    if (before?.pool !== undefined && before.pool !== after.pool) offer(events.nodeChanged(before.pool, name));
    if (after.pool === undefined && after.instanceId !== undefined && isNews(before, after)) {
      offer(events.nodeUnlabelled(after.instanceId, name));
    }
  };

  return {
    set,
    delete: (name) => {
      const pool = nodes.get(name)?.pool;
      nodes.delete(name);
      if (pool !== undefined) offer(events.nodeChanged(pool, name));
    },
    ids: () => nodes.keys(),
    poolOf: (name) => nodes.get(name)?.pool,
  };
};

/** An unlabelled node is reported when it appears, loses its label, gets its instance, or becomes Ready. */
const isNews = (before: NodeFacts | undefined, after: NodeFacts): boolean =>
  before?.instanceId !== after.instanceId || before?.pool !== undefined || (after.ready && !before?.ready);

/** Other heartbeats and images, addresses and so on change often and concern nobody. */
const CONDITIONS = ["Ready", "NetworkingReady", "NetworkUnavailable"] as const;

/**
 * What a condition says, and whether it was reported since the node became Ready: after a start the network's may say what it said
 * before, and only its heartbeat tells that it is said anew.
 */
const conditionFingerprint = (node: KubeNode, type: string) => {
  const condition = conditionOf(node, type);
  const readySince = conditionOf(node, "Ready")?.lastTransitionTime ?? "";
  const isReported = Date.parse(condition?.lastHeartbeatTime ?? "") >= Date.parse(readySince);
  return condition && [condition.status, condition.lastTransitionTime, isReported];
};

const factsOf = (node: KubeNode): NodeFacts => {
  const conditions = CONDITIONS.map((type) => conditionFingerprint(node, type));
  const { metadata, spec } = node;
  const labels = Object.entries(metadata.labels ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    pool: metadata.labels?.[LABEL.pool],
    instanceId: instanceIdOf(spec?.providerID),
    ready: isReady(node),
    fingerprint: JSON.stringify([
      metadata.uid,
      metadata.deletionTimestamp,
      labels,
      spec?.providerID,
      spec?.unschedulable ?? false,
      spec?.taints ?? [],
      // Started again before it was missed, a node is Ready as before, and only this tells that its kubelet is back.
      node.status?.nodeInfo?.bootID,
      conditions,
    ]),
  };
};

/** Of `aws:///us-east-1a/i-0abc`; Fargate's and other providers' ids hold no instance. */
const instanceIdOf = (providerId: string | undefined): string | undefined =>
  /^aws:\/\/\/[^/]*\/(i-[0-9a-f]+)$/.exec(providerId ?? "")?.[1];
