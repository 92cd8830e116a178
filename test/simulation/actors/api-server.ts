/** Admission webhooks of somebody else that refuse requests for some minutes. */
import type { Webhook } from "../../../local/kubernetes/api-server/faults/webhooks.ts";
import { between, choose } from "../random.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actors } from "./actor.ts";

const REFUSED: readonly Pick<Webhook, "operation" | "resource">[] = [
  { operation: "CREATE", resource: "pods/eviction" },
  { operation: "DELETE", resource: "pods" },
  { operation: "UPDATE", resource: "nodes" },
  { operation: "DELETE", resource: "nodes" },
  { operation: "UPDATE", resource: "nodepools" },
  { operation: "UPDATE", resource: "nodepools/status" },
];

export const onApiServer = ({ kube, clock, trace }: SimulatedWorld): Actors => {
  const ends = new Set<() => void>();
  return {
    webhook: {
      act: (_, random) => {
        const refused = choose(random, REFUSED);
        if (!refused) return;
        trace.add("actor", `webhook refuses ${refused.operation} of ${refused.resource}`);
        const end = kube.webhook({ ...refused, behavior: { deny: "not now", code: 403, reason: "Forbidden" } });
        ends.add(end);
        clock.after(between(random, 30_000, 5 * 60_000), end);
      },
      undo: () => {
        for (const end of ends) end();
      },
    },
  };
};
