import { isOutOfService } from "../shared/model/instance-state.ts";
import { conditionOf, isReady, type KubeNode } from "../shared/model/kubernetes/objects.ts";
import { LABEL } from "../shared/model/names.ts";
import type { Tracker } from "./reflector.ts";
import type { WakeEvent, WakeEvents } from "./wake-events.ts";

/** What the forwarder remembers of a node. */
interface NodeFacts {
  readonly pool: string | undefined;
  readonly state: string | undefined;
  readonly instanceId: string | undefined;
  readonly ready: boolean;
  /** Changes if and only if something changes that the pool reconciler uses. */
  readonly fingerprint: string;
}

export interface NodeTracker extends Tracker<KubeNode> {
  /** The pool in the node's label; undefined if the node is unknown or unlabelled. */
  poolOf(node: string): string | undefined;
  /** Whether the node is standby, or on its way there. */
  isOutOfService(node: string): boolean;
}

/** Reports changed nodes to their pools, and unlabelled nodes that might belong to one. */
export const trackNodes = (events: WakeEvents, offer: (event: WakeEvent) => void): NodeTracker => {
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
    isOutOfService: (name) => isOutOfService(nodes.get(name)?.state),
  };
};

/** An unlabelled node is reported when it appears, loses its label, gets its instance, or becomes Ready. */
const isNews = (before: NodeFacts | undefined, after: NodeFacts): boolean =>
  before?.instanceId !== after.instanceId || before?.pool !== undefined || (after.ready && !before?.ready);

/** The only conditions that matter: others, heartbeats, images and addresses change often and affect no reconcile. */
const CONDITIONS = ["Ready", "NetworkingReady", "NetworkUnavailable"] as const;

/**
 * A condition's status, and whether it was reported since the node became Ready. After a start, the network condition may have the same
 * status as before; only its heartbeat shows that it is a new report.
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
    state: metadata.labels?.[LABEL.state],
    instanceId: instanceIdOf(spec?.providerID),
    ready: isReady(node),
    fingerprint: JSON.stringify([
      metadata.uid,
      metadata.deletionTimestamp,
      labels,
      spec?.providerID,
      spec?.unschedulable ?? false,
      spec?.taints ?? [],
      // A node that restarts before it is marked NotReady stays Ready; only its boot ID shows that the kubelet is back.
      node.status?.nodeInfo?.bootID,
      conditions,
    ]),
  };
};

/** The instance id in `aws:///us-east-1a/i-0abc`; ids of Fargate and other providers contain none. */
const instanceIdOf = (providerId: string | undefined): string | undefined =>
  /^aws:\/\/\/[^/]*\/(i-[0-9a-f]+)$/.exec(providerId ?? "")?.[1];
