import type { Rule } from "../rule.ts";
import { standbyShares } from "../standby-share.ts";

/** How much of each of its zones is standby, for as long as the pool keeps node objects; the status warns of too much. */
export const measureStandbyShare: Rule = (view) =>
  standbyShares(view).map(({ zone, percent }) => ({
    kind: "recordMetric",
    metric: "standbyShare",
    value: percent,
    labels: { zone },
  }));
