import type { KubeNode } from "../../kube/objects.ts";
import { type Action, tell } from "../actions.ts";
import { shapeFor } from "../node-shape.ts";
import { leavingPods, podName } from "../pods.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

const LOOK_AGAIN_MS = 2_000;
/** A volume that cannot be detached must not keep an instance running for ever. */
const DETACH_TIMEOUT_MS = 6 * 60_000;

const powerOff = (instance: Instance, now: number): Action[] => [
  instance.record.state === "terminating" ? { kind: "terminate", instance } : { kind: "stop", instance, force: false },
  { kind: "measure", metric: "drainDuration", value: now - instance.record.stateSince },
];

const removePods = (instance: Instance, node: KubeNode, { spec, now }: PoolView): Action[] => {
  const pods = leavingPods(instance.pods);
  const asked = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const deadline = instance.record.stateSince + spec.scaleDown.drainTimeoutMs;
  const again: Action = { kind: "wakeAt", at: now + LOOK_AGAIN_MS };
  if (asked.length === 0) return [again];
  if (now < deadline) return [{ kind: "evict", instance, pods: asked }, again];
  return [
    { kind: "deletePods", instance, pods: asked },
    tell(
      "Warning",
      "DrainTimeout",
      `${node.metadata.name} was not drained within ${spec.scaleDown.drainTimeoutMs / 1000} s; deleting ${asked.map(podName).join(", ")}`,
    ),
    again,
  ];
};

const drainOne = (instance: Instance, view: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  const on = ec2?.state === "running" || ec2?.state === "pending";
  const toTerminate = record.state === "terminating" && (ec2?.state === "stopped" || ec2?.state === "stopping");
  if (!on && !toTerminate) return [];
  if (toTerminate || !node) return powerOff(instance, view.now);
  if (!node.spec?.unschedulable) {
    // Cordoned first: only a list of pods read after that can show that none is left and none will come.
    const shape = shapeFor(view.name, view.spec, record, record.state, record.stateSince);
    return [
      { kind: "shapeNode", instance, node, shape },
      { kind: "wakeAt", at: view.now },
    ];
  }
  if (leavingPods(instance.pods).length > 0) return removePods(instance, node, view);
  if (instance.attachedVolumes > 0 && view.now - record.stateSince < DETACH_TIMEOUT_MS) {
    return [{ kind: "wakeAt", at: view.now + LOOK_AGAIN_MS }];
  }
  return powerOff(instance, view.now);
};

/** Moves the draining of stopping and terminating instances on by one step; power goes only when no pod is left. */
export const drain: Rule = (view) =>
  [...view.instances.stopping, ...view.instances.terminating].flatMap((instance) => drainOne(instance, view));
