import { standbyShares } from "../standby-share.ts";
import type { Rule } from "../view.ts";

/** How much of each of its zones is standby, for as long as the pool keeps node objects; the status warns of too much. */
export const measureStandbyShare: Rule = (view) =>
  standbyShares(view).map(({ zone, percent }) => ({
    kind: "measure",
    metric: "standbyShare",
    value: percent,
    labels: { zone },
  }));
