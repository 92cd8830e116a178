import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * With `standby.nodeObject: Delete` a stopped instance has no node object: kubelet registers it anew, with the labels and taints of
 * its user data, on each start. It goes only once the instance is recorded as standby, for until then the node shows that it joined.
 */
export const deleteStandbyNodes: Rule = ({ spec, instances }) =>
  spec.standby.nodeObject === "Keep"
    ? []
    : instances.standby.flatMap((instance): Action[] =>
        instance.node && instance.ec2?.state === "stopped"
          ? [{ kind: "deleteNode", instance, node: instance.node }]
          : [],
      );
