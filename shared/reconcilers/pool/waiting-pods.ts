import { isDemand, pendingSince } from "../../demand/is-demand.ts";
import { mismatch } from "../../demand/matching/mismatch.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { KubePod } from "../../kube/objects.ts";
import { paths } from "../../kube/paths.ts";
import type { PoolView } from "../../pool/view.ts";

/** What standby could not serve within this time waits for something else, and must not hold the pool up for ever. */
const STUCK_AFTER_MS = 10 * 60_000;

/** How many pods have found no node lately that one of the pool's standby nodes would suit, whatever room it has. */
export const countWaitingPods = async (kube: KubeClient, { instances, spec, now }: PoolView): Promise<number> => {
  const pending = await kube.list<KubePod>(paths.pods(), { fieldSelector: "status.phase=Pending" });
  const { labels, taints } = spec.template;
  const faces = instances.standby.map(({ node }) => ({
    labels: { ...node?.metadata.labels, ...labels },
    taints,
    ...(node && { name: node.metadata.name }),
  }));
  return pending.filter(
    (pod) =>
      isDemand(pod) &&
      now - pendingSince(pod) < STUCK_AFTER_MS &&
      faces.some((face) => mismatch(pod.spec, face) === undefined),
  ).length;
};
