import { TAG } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * With `standby.nodeObject: Delete` a stopped instance has no node object: kubelet registers it anew, with the labels and taints of
 * its user data, on each start. It goes only once record and tag say standby, for until then the node alone shows that it joined.
 */
export const deleteStandbyNodes: Rule = ({ spec, instances }) =>
  spec.standby.nodeObject === "Keep"
    ? []
    : instances.standby.flatMap((instance): Action[] =>
        instance.node && instance.ec2?.state === "stopped" && instance.ec2.tags[TAG.state] === "standby"
          ? [{ kind: "deleteNode", instance, node: instance.node }]
          : [],
      );
