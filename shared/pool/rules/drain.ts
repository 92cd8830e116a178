import { type DrainProgress, type InstanceRecord, isDraining } from "../../model/instance-record.ts";
import type { BoundPod } from "../../model/kubernetes/objects.ts";
import { createdAt, isLeaving, isUnmanaged, leavingPods, podName } from "../../model/kubernetes/pods.ts";
import { interruptionOf } from "../../model/spot-notice.ts";
import { type Action, emitEvent } from "../actions.ts";
import { protectedPods, protectionEnd } from "../protection.ts";
import type { Rule } from "../rule.ts";
import { deletionDue, podsStayUntil, replacedAt } from "../spot-notice.ts";
import type { Instance, PoolView } from "../view.ts";

/** How often a draining node is looked at: often at first, then less and less. */
const LOOK_AGAIN_MS = { least: 2_000, most: 15_000 };
/** Evictions that a disruption budget refused are repeated after 2 s, then after twice as long each time. */
const ASK_AGAIN_MS = { least: 2_000, most: 30_000 };
/** Somebody has to remove the termination protection of an instance; that is noticed within the longer of these. */
const TERMINATE_AGAIN_MS = { least: 60_000, most: 15 * 60_000 };
/** Kubernetes itself waits this long before it detaches by force (maxWaitForUnmountDuration, attach-detach controller). */
const DETACH_TIMEOUT_MS = 6 * 60_000;
/** A pod that outlives its grace period by this much has no kubelet left to end it. */
const PAST_GRACE_MS = 30_000;
/** As many as fit into the message of an event, which the API server limits to 1024 characters, with names of ordinary length. */
const MAX_NAMES = 5;

const clamp = (ms: number, { least, most }: { readonly least: number; readonly most: number }) =>
  Math.min(most, Math.max(least, ms));

const recordProgress = (instance: Instance, drain: DrainProgress): Action => ({
  kind: "updateRecord",
  instance,
  set: { drain: { ...instance.record.drain, ...drain } },
});

const withDrain = (instance: Instance, drain: DrainProgress): Instance => ({
  ...instance,
  record: { ...instance.record, drain },
});

/** With the state, or later: in a warmup, whose drain says nothing of the state that follows, or after protected pods were waited for. */
const drainingSince = ({ drain, stateSince }: InstanceRecord): number => Math.max(stateSince, drain?.since ?? 0);

/** When a refused termination is tried again; 0 if none was refused. */
const retryTerminationAt = ({ refusal }: InstanceRecord): number =>
  refusal ? refusal.at + clamp(TERMINATE_AGAIN_MS.least * 2 ** (refusal.count - 1), TERMINATE_AGAIN_MS) : 0;

const powerOff = (instance: Instance, now: number): Action[] => {
  const { record } = instance;
  const drained: Action = {
    kind: "recordMetric",
    metric: "drainDuration",
    value: now - drainingSince(record),
    about: instance,
  };
  if (record.state === "terminating") {
    const due = retryTerminationAt(record);
    if (now < due) return [{ kind: "requeueAt", at: due }];
    return [{ kind: "terminate", instance }, ...(record.refusal ? [] : [drained])];
  }
  // EC2 does not stop an instance that is still pending.
  if (instance.ec2?.state === "pending") return [{ kind: "requeueAt", at: now + LOOK_AGAIN_MS.most }];
  if (record.stopRequestedAt !== undefined) return [{ kind: "stop", instance, force: false }];
  // Recorded first: until then demand may reclaim the instance, and only one of the two can write this version of the record.
  return [
    { kind: "updateRecord", instance, set: { stopRequestedAt: now } },
    { kind: "stop", instance, force: false },
    drained,
  ];
};

/** Powers off an instance that is not drained, with an event that says what is lost, unless the call to EC2 has to wait. */
const powerOffUnder = (instance: Instance, now: number, reason: string, message: string): Action[] => {
  const actions = powerOff(instance, now);
  const isCalled = actions.some(({ kind }) => kind === "stop" || kind === "terminate");
  return isCalled ? [...actions, emitEvent("Warning", reason, message, instance)] : actions;
};

const nodeNameOf = ({ node, record }: Instance): string => `${node?.metadata.name ?? record.nodeName}`;

const names = (pods: Parameters<typeof leavingPods>[0]): string => pods.map(podName).join(", ");

/** Evicts the pods; repeats the evictions, less and less often, as long as no pod leaves, until the deadline. */
const evict = (instance: Instance, pods: readonly BoundPod[], now: number, deadline: number): Action[] => {
  const { drain = {} } = instance.record;
  const asked = pods.filter((pod) => !isLeaving(pod));
  // Each pod that leaves wakes the pool.
  if (asked.length === 0) return [{ kind: "requeueAt", at: Math.max(deadline, now) }];
  const isRefused = asked.length >= (drain.podCount ?? Number.POSITIVE_INFINITY);
  const refusals = isRefused ? (drain.refusals ?? 0) + 1 : 0;
  const pause = isRefused ? clamp(ASK_AGAIN_MS.least * 2 ** (refusals - 1), ASK_AGAIN_MS) : 0;
  const due = (drain.askedAt ?? 0) + pause;
  if (now < due) return [{ kind: "requeueAt", at: Math.min(due, deadline) }];
  const unmanaged = asked.filter(isUnmanaged);
  return [
    recordProgress(instance, { askedAt: now, podCount: asked.length, refusals }),
    { kind: "evict", instance, pods: asked },
    ...(drain.askedAt === undefined && unmanaged.length > 0
      ? [
          emitEvent(
            "Warning",
            "UnmanagedPods",
            `draining ${nodeNameOf(instance)} ends ${names(unmanaged)}, which no controller recreates`,
            instance,
          ),
        ]
      : []),
    { kind: "requeueAt", at: Math.min(now + LOOK_AGAIN_MS.least, deadline) },
  ];
};

/** When the pod should be gone: the API server puts the end of its grace period into `deletionTimestamp`, once it accepts the deletion. */
const endOfGrace = ({ metadata, spec }: BoundPod, askedAt: number): number =>
  Date.parse(metadata.deletionTimestamp ?? "") || askedAt + (spec.terminationGracePeriodSeconds ?? 30) * 1000;

/**
 * After `drainTimeout`: deletes the remaining pods with their grace period. The instance is stopped under pods that outlive even that, that nobody
 * lets be deleted, or that came after the drain began: those tolerate the cordon, and would come for ever.
 */
const forceOut = (instance: Instance, now: number, deadline: number): Action[] => {
  const { drain } = instance.record;
  const pods = leavingPods(instance.pods);
  const asked = pods.filter((pod) => !isLeaving(pod));
  const deletion: Action[] = asked.length > 0 ? [{ kind: "deletePods", instance, pods: asked, force: false }] : [];
  const late = `${nodeNameOf(instance)} was not drained within ${Math.round((deadline - drainingSince(instance.record)) / 1000)} s`;
  const { timedOutAt = now } = drain ?? {};
  if (drain?.timedOutAt === undefined && asked.length > 0) {
    const reported = emitEvent("Warning", "DrainTimeout", `${late}; deleting ${names(asked)}`, instance);
    const again: Action = { kind: "requeueAt", at: now + LOOK_AGAIN_MS.least };
    return [recordProgress(instance, { timedOutAt: now }), ...deletion, reported, again];
  }
  const awaited = pods.filter((pod) => createdAt(pod) <= drainingSince(instance.record));
  const until = Math.max(0, ...awaited.map((pod) => endOfGrace(pod, timedOutAt) + PAST_GRACE_MS));
  if (now < until) {
    // Deletions are repeated in case that they were refused; each pod that leaves wakes the pool.
    const repeatAt = asked.length > 0 ? now + clamp((now - timedOutAt) / 4, LOOK_AGAIN_MS) : until;
    return [...deletion, { kind: "requeueAt", at: Math.min(repeatAt, until) }];
  }
  const left = `${late}, and ${names(pods)} did not end in time; stopping the instance under them`;
  return powerOffUnder(instance, now, "DrainTimeout", left);
};

/** The cluster detaches volumes once their pods are gone; an instance that is stopped earlier keeps them attached. */
const awaitVolumes = (instance: Instance, now: number): Action[] => {
  const since = instance.record.drain?.detachingSince;
  if (since === undefined) {
    return [recordProgress(instance, { detachingSince: now }), { kind: "requeueAt", at: now + LOOK_AGAIN_MS.least }];
  }
  if (now - since < DETACH_TIMEOUT_MS) {
    return [{ kind: "requeueAt", at: now + clamp((now - since) / 4, LOOK_AGAIN_MS) }];
  }
  const left = `${instance.attachedVolumes} volumes of ${nodeNameOf(instance)} were not detached within ${DETACH_TIMEOUT_MS / 60_000} min; stopping it anyway`;
  return powerOffUnder(instance, now, "VolumesAttached", left);
};

/** Waits for pods that ask not to be disturbed; the others are evicted meanwhile. */
const awaitProtected = (instance: Instance, pods: readonly BoundPod[], view: PoolView): Action[] => {
  const { drain } = instance.record;
  const end = protectionEnd(instance, view);
  const others = leavingPods(instance.pods).filter((pod) => !pods.includes(pod));
  if (drain?.protectedSince !== undefined) return evict(instance, others, view.now, end);
  const waiting = withDrain(instance, { ...drain, protectedSince: view.now });
  const until = new Date(end).toISOString();
  const rest = pods.length > MAX_NAMES ? ` and ${pods.length - MAX_NAMES} others` : "";
  const waited = `${names(pods.slice(0, MAX_NAMES))}${rest}`;
  const message = `${nodeNameOf(instance)} is cordoned, and drained at ${until} or when these pods have finished: ${waited}`;
  return [
    recordProgress(waiting, {}),
    emitEvent("Normal", "PodsProtected", message, instance),
    ...evict(waiting, others, view.now, end),
  ];
};

const drainPods = (instance: Instance, view: PoolView): Action[] => {
  const held = protectedPods(instance, view);
  if (held.length > 0) return awaitProtected(instance, held, view);
  const until = podsStayUntil(instance, view);
  if (until !== undefined) return [{ kind: "requeueAt", at: Math.min(until, view.now + LOOK_AGAIN_MS.least) }];
  const timeout = drainingSince(instance.record) + view.spec.scaleDown.drainTimeoutMs;
  const deadline = Math.min(timeout, deletionDue(instance) ?? timeout);
  return [
    ...measureLead(instance, view),
    ...(view.now >= deadline
      ? forceOut(instance, view.now, deadline)
      : evict(instance, leavingPods(instance.pods), view.now, deadline)),
  ];
};

/** Once, when the pods of an interrupted spot instance begin to leave it for a node that is open to them. */
const measureLead = (instance: Instance, view: PoolView): Action[] => {
  const { notice, record } = instance;
  const openedAt = replacedAt(instance, view);
  if (notice?.kind !== "interruption" || record.drain?.askedAt !== undefined || openedAt === undefined) return [];
  const value = interruptionOf(notice) - openedAt;
  return [{ kind: "recordMetric", metric: "spotInterruptionLead", value, about: instance }];
};

const drainOne = (instance: Instance, view: PoolView): Action[] => {
  const { record, ec2, node } = instance;
  const isOn = ec2?.state === "running" || ec2?.state === "pending";
  const toTerminate = record.state === "terminating" && (ec2?.state === "stopped" || ec2?.state === "stopping");
  if (!isOn && !toTerminate) return [];
  if (toTerminate) return powerOff(instance, view.now);
  if (node && !node.spec?.unschedulable) {
    // The node is cordoned first: only a pod list that is read afterwards can show that no pod is left and none will come.
    return [{ kind: "requeueAt", at: view.now, about: instance }];
  }
  if (record.drain?.protectedSince !== undefined && protectedPods(instance, view).length === 0) {
    // As if the drain began now: `drainTimeout` is for pods that are evicted.
    const freed = withDrain(instance, { since: view.now });
    return [{ kind: "updateRecord", instance, set: { drain: { since: view.now } } }, ...drainOne(freed, view)];
  }
  if (leavingPods(instance.pods).length > 0) return drainPods(instance, view);
  return instance.attachedVolumes > 0 ? awaitVolumes(instance, view.now) : powerOff(instance, view.now);
};

/**
 * Advances the drain of stopping and terminating instances, and of warming ones that have pods at the end, by one step; an instance is powered off
 * only when no pod is left, whether or not its node object is still there.
 */
export const drain: Rule = (view) =>
  [
    ...view.instances.warmup.filter(({ record }) => isDraining(record)),
    ...view.instances.stopping,
    ...view.instances.terminating,
  ].flatMap((instance) => drainOne(instance, view));
