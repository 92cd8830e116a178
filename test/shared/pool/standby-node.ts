import { ANNOTATION, LABEL } from "../../../shared/model/names.ts";

/** The annotations and labels of a standby node of a pool with the default spec. */
export const OWN = {
  [ANNOTATION.ownTaints]: "stratos.sh/not-ready:NoSchedule,stratos.sh/standby:NoExecute",
  [ANNOTATION.ownLabels]: [LABEL.excludeFromLoadBalancers, LABEL.pool].join(","),
};
const OWN_LABELS = { [LABEL.pool]: "workers", [LABEL.excludeFromLoadBalancers]: "true" };
export const STANDBY_LABELS = { [LABEL.state]: "standby", ...OWN_LABELS };
