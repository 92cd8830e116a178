import { isReady } from "../../kube/objects.ts";
import type { Action } from "../actions.ts";
import { isNetworkReady } from "../network.ts";
import type { Rule } from "../rule.ts";

/** Where nothing on the node powers it off (`ControllerStop`), stops it once node and network are ready. */
export const stopWarmed: Rule = ({ spec, instances }) => {
  if (spec.preWarm.completionMode !== "ControllerStop") return [];
  return instances.warmup
    .filter(({ ec2, node }) => ec2?.state === "running" && node && isReady(node) && isNetworkReady(node, 0))
    .map((instance): Action => ({ kind: "stop", instance, force: false }));
};
