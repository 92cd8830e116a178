import type { Action } from "../actions.ts";
import { standbyShares } from "../standby-share.ts";
import type { PoolView } from "../view.ts";

/** Reports the share of standby nodes in each zone of a pool that keeps node objects; the status warns of too large a share. */
export const measureStandbyShare = (view: PoolView): readonly Action[] =>
  standbyShares(view).map(({ zone, percent }) => ({
    kind: "recordMetric",
    metric: "standbyShare",
    value: percent,
    labels: { zone },
  }));
