import { readinessTaints } from "../../model/api/pool-spec.ts";
import { isReadySinceStart, isStarting, startOf } from "../../model/instance-record.ts";
import type { KubeNode } from "../../model/kubernetes/objects.ts";
import { sameTaint } from "../../model/kubernetes/taints.ts";
import type { Action } from "../actions.ts";
import { gatedTaints, networkState, readySince } from "../network-ready.ts";
import type { Rule } from "../rule.ts";
import type { Instance, PoolView } from "../view.ts";

type Running = Instance<"running"> & { readonly node: KubeNode };

const isUp = (instance: Instance<"running">): instance is Running =>
  instance.ec2?.state === "running" && instance.node !== undefined && isReadySinceStart(instance.node, instance.record);

/** `opening`: Stratos removes its taints in this look. `shut`: only somebody else can open it. */
const accessOf = (instance: Running, view: PoolView): "waitsForNetwork" | "opening" | "open" | "shut" => {
  const { node } = instance;
  const taints = node.spec?.taints ?? [];
  const own = gatedTaints(node, view.spec);
  const others = readinessTaints(view.spec).filter((taint) => !own.some((gated) => sameTaint(gated, taint)));
  if (own.length > 0 && networkState(instance, view)?.kind === "pending") return "waitsForNetwork";
  if (others.some((other) => taints.some((taint) => sameTaint(taint, other)))) return "shut";
  return own.length > 0 ? "opening" : "open";
};

/**
 * A started node that is Ready is no longer starting once its network is ready, however late that is noticed. When it opens to pods as well is
 * recorded for demand, which keeps its room for a while longer; usually that is the same write.
 */
export const confirmReady: Rule = (view) =>
  view.instances.running.flatMap((instance): Action[] => {
    const { record } = instance;
    if (record.startedAt === undefined || !isUp(instance)) return [];
    const access = accessOf(instance, view);
    const isKnown = record.openedAt !== undefined && access === "open";
    if (access === "waitsForNetwork" || isKnown) return [];
    const opened = access === "shut" ? {} : { openedAt: view.now };
    if (!isStarting(record)) return "openedAt" in opened ? [{ kind: "updateRecord", instance, set: opened }] : [];
    const demandSince = record.demandSince ?? record.startedAt;
    // The network, or this look, may come later.
    const readyAt = Math.min(readySince(instance.node, startOf(record)), view.now);
    const healthy = record.startFailures && { startFailures: null };
    const booted = record.resizedFrom !== undefined && { resizedFrom: null };
    return [
      { kind: "updateRecord", instance, set: { readyAt: view.now, ...opened, ...healthy, ...booted } },
      { kind: "recordMetric", metric: "scaleUpDuration", value: Math.max(0, readyAt - demandSince), about: instance },
    ];
  });
