import { isOnHold } from "../../model/kubernetes/objects.ts";
import { TAG } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";

/**
 * With `standby.nodeObject: Delete` a stopped instance has no node object: kubelet registers a new one, with the labels and taints of
 * its user data, on each start. The object is deleted only when record and tag say standby: until then it alone proves that the
 * instance has joined. The object of a node on hold is all that says so.
 */
export const deleteStandbyNodes: Rule = ({ spec, instances }) =>
  spec.standby.nodeObject === "Keep"
    ? []
    : instances.standby.flatMap((instance): Action[] =>
        instance.node &&
        !isOnHold(instance.node) &&
        instance.ec2?.state === "stopped" &&
        instance.ec2.tags[TAG.state] === "standby"
          ? [{ kind: "deleteNode", instance, node: instance.node }]
          : [],
      );
