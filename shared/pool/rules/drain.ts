import type { DrainProgress, InstanceRecord } from "../../model/instance-record.ts";
import type { KubeNode } from "../../model/kubernetes/objects.ts";
import { isLeaving, isUnmanaged, leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { type Action, emitEvent } from "../actions.ts";
import { desiredNode } from "../desired-node.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

/** A pod that has been asked to leave is looked for sooner at first, and never less often than this. */
const LOOK_AGAIN_MS = { least: 2_000, most: 15_000 };
/** A disruption budget that refuses is asked again after 2 s, then after twice as long each time. */
const ASK_AGAIN_MS = { least: 2_000, most: 30_000 };
/** Somebody has to take the protection off an instance; that is noticed within the longer of these. */
const TERMINATE_AGAIN_MS = { least: 60_000, most: 15 * 60_000 };
/** As long as Kubernetes itself waits before it detaches by force (maxWaitForUnmountDuration, attach-detach controller). */
const DETACH_TIMEOUT_MS = 6 * 60_000;
/** A pod whose grace period ended so long ago has nobody left to end it: its kubelet is gone. */
const PAST_GRACE_MS = 30_000;

const clamp = (ms: number, { least, most }: { readonly least: number; readonly most: number }) =>
  Math.min(most, Math.max(least, ms));

const note = (instance: Instance, drain: DrainProgress): Action => ({
  kind: "updateRecord",
  instance,
  set: { drain: { ...instance.record.drain, ...drain } },
});

/** When EC2 may be asked once more to terminate what it has refused to. */
const askAgainAt = ({ refusal }: InstanceRecord): number =>
  refusal ? refusal.at + clamp(TERMINATE_AGAIN_MS.least * 2 ** (refusal.count - 1), TERMINATE_AGAIN_MS) : 0;

const powerOff = (instance: Instance, now: number): Action[] => {
  const { record } = instance;
  const drained: Action = {
    kind: "recordMetric",
    metric: "drainDuration",
    value: now - record.stateSince,
    about: instance,
  };
  if (record.state === "terminating") {
    const due = askAgainAt(record);
    if (now < due) return [{ kind: "requeueAt", at: due }];
    return [{ kind: "terminate", instance }, ...(record.refusal ? [] : [drained])];
  }
  // EC2 stops nothing that has not come up yet.
  if (instance.ec2?.state === "pending") return [{ kind: "requeueAt", at: now + LOOK_AGAIN_MS.most }];
  if (record.stopRequestedAt !== undefined) return [{ kind: "stop", instance, force: false }];
  // Recorded first: demand may take the instance back until then, and only one of both can write the record on.
  return [
    { kind: "updateRecord", instance, set: { stopRequestedAt: now } },
    { kind: "stop", instance, force: false },
    drained,
  ];
};

/** Powers off what is not drained, and says what that costs, unless EC2 is not asked for it now. */
const powerOffUnder = (instance: Instance, now: number, reason: string, message: string): Action[] => {
  const actions = powerOff(instance, now);
  const isAsked = actions.some(({ kind }) => kind === "stop" || kind === "terminate");
  return isAsked ? [...actions, emitEvent("Warning", reason, message, instance)] : actions;
};

const names = (pods: Parameters<typeof leavingPods>[0]): string => pods.map(podName).join(", ");

/** Asks for evictions; again, ever more seldom, while none of the pods has left. */
const evict = (instance: Instance, node: KubeNode, { spec, now }: PoolView): Action[] => {
  const { drain = {}, stateSince } = instance.record;
  const asked = leavingPods(instance.pods).filter((pod) => !isLeaving(pod));
  const lookAgain = now + clamp((now - stateSince) / 4, LOOK_AGAIN_MS);
  const deadline = stateSince + spec.scaleDown.drainTimeoutMs;
  if (asked.length === 0) return [{ kind: "requeueAt", at: Math.min(lookAgain, Math.max(deadline, now)) }];
  const isRefused = asked.length >= (drain.podCount ?? Number.POSITIVE_INFINITY);
  const refusals = isRefused ? (drain.refusals ?? 0) + 1 : 0;
  const pause = isRefused ? clamp(ASK_AGAIN_MS.least * 2 ** (refusals - 1), ASK_AGAIN_MS) : 0;
  const due = (drain.askedAt ?? 0) + pause;
  if (now < due) return [{ kind: "requeueAt", at: Math.min(due, deadline) }];
  const unmanaged = asked.filter(isUnmanaged);
  return [
    note(instance, { askedAt: now, podCount: asked.length, refusals }),
    { kind: "evict", instance, pods: asked },
    ...(drain.askedAt === undefined && unmanaged.length > 0
      ? [
          emitEvent(
            "Warning",
            "UnmanagedPods",
            `draining ${node.metadata.name} ends ${names(unmanaged)}, which no controller will make again`,
            instance,
          ),
        ]
      : []),
    { kind: "requeueAt", at: Math.min(now + LOOK_AGAIN_MS.least, deadline) },
  ];
};

/** After `drainTimeout`: pods are deleted with their grace period, and what outlives even that is left behind. */
const forceOut = (instance: Instance, node: KubeNode, { spec, now }: PoolView): Action[] => {
  const pods = leavingPods(instance.pods);
  const asked = pods.filter((pod) => !isLeaving(pod));
  const late = `${node.metadata.name} was not drained within ${spec.scaleDown.drainTimeoutMs / 1000} s`;
  const again: Action = { kind: "requeueAt", at: now + LOOK_AGAIN_MS.least };
  if (asked.length > 0) {
    const isFirst = instance.record.drain?.timedOutAt === undefined;
    return [
      ...(isFirst ? [note(instance, { timedOutAt: now })] : []),
      { kind: "deletePods", instance, pods: asked, force: false },
      ...(isFirst ? [emitEvent("Warning", "DrainTimeout", `${late}; deleting ${names(asked)}`, instance)] : []),
      again,
    ];
  }
  const endOfGrace = Math.max(...pods.map(({ metadata }) => Date.parse(metadata.deletionTimestamp ?? "") || 0));
  if (now < endOfGrace + PAST_GRACE_MS) return [again];
  const left = `${late}, and ${names(pods)} did not end within their grace period; stopping the instance under them`;
  return powerOffUnder(instance, now, "DrainTimeout", left);
};

/** Volumes are detached by the cluster once their pods are gone; stopped before, the instance would hold on to them. */
const awaitVolumes = (instance: Instance, node: KubeNode, now: number): Action[] => {
  const since = instance.record.drain?.detachingSince;
  if (since === undefined) {
    return [note(instance, { detachingSince: now }), { kind: "requeueAt", at: now + LOOK_AGAIN_MS.least }];
  }
  if (now - since < DETACH_TIMEOUT_MS) {
    return [{ kind: "requeueAt", at: now + clamp((now - since) / 4, LOOK_AGAIN_MS) }];
  }
  const left = `${instance.attachedVolumes} volumes of ${node.metadata.name} were not detached within ${DETACH_TIMEOUT_MS / 60_000} min; stopping it anyway`;
  return powerOffUnder(instance, now, "VolumesAttached", left);
};

const drainOne = (instance: Instance, view: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  const on = ec2?.state === "running" || ec2?.state === "pending";
  const toTerminate = record.state === "terminating" && (ec2?.state === "stopped" || ec2?.state === "stopping");
  if (!on && !toTerminate) return [];
  if (toTerminate || !node) return powerOff(instance, view.now);
  if (!node.spec?.unschedulable) {
    // Cordoned first: only a list of pods read after that can show that none is left and none will come.
    const shape = desiredNode(view.name, view.spec, record, record.state, record.stateSince);
    return [
      { kind: "applyNode", instance, node, shape },
      { kind: "requeueAt", at: view.now },
    ];
  }
  if (leavingPods(instance.pods).length > 0) {
    const isLate = view.now >= record.stateSince + view.spec.scaleDown.drainTimeoutMs;
    return isLate ? forceOut(instance, node, view) : evict(instance, node, view);
  }
  return instance.attachedVolumes > 0 ? awaitVolumes(instance, node, view.now) : powerOff(instance, view.now);
};

/** Moves the draining of stopping and terminating instances on by one step; power goes only when no pod is left. */
export const drain: Rule = (view) =>
  [...view.instances.stopping, ...view.instances.terminating].flatMap((instance) => drainOne(instance, view));
