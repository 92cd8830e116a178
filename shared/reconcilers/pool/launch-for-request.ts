import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import type { RequestedLaunch } from "../../model/launch-request.ts";
import { offeringKey, subnetKey } from "../../model/unavailable-offerings.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import { recordZoneDemand } from "../record-zone-demand.ts";
import { launch } from "./launch.ts";
import { type Execution, keyOf, report } from "./progress.ts";

/**
 * How an instance is launched that serves at once. Undefined where it would power itself off after its warmup, which it must not
 * do under pods: it becomes standby first, and is started then.
 */
const servingLaunch = ({ view }: Execution, template: PoolLaunchConfig): PoolLaunchConfig | undefined => {
  if (template.servingUserData) return { ...template, userData: template.servingUserData };
  return view.spec.preWarm.completionMode === "ControllerStop" ? template : undefined;
};

/** In one of the zone's subnets; how many it came to. */
const launchIn = async (
  execution: Execution,
  template: PoolLaunchConfig,
  { count, demandSince, ...place }: RequestedLaunch,
  full: ReadonlySet<string>,
): Promise<number> => {
  if (full.has(offeringKey(place))) return 0;
  const serving = servingLaunch(execution, template);
  for (const { id, zone } of template.subnets) {
    if (zone !== place.zone || full.has(subnetKey(id))) continue;
    const order = {
      ...place,
      count,
      subnetId: id,
      reason: "Overflow",
      overflow: serving ? "serve" : "warmUp",
      demandSince,
    } as const;
    const outcome = await launch(execution, serving ?? template, order);
    if (outcome.kind === "launched") return outcome.count;
    if (outcome.kind === "failed" || outcome.place === offeringKey(place)) return 0;
  }
  return 0;
};

/**
 * Launches what demand asked for, where it asked for it: pods may be tied to a zone, and whether another place will do is for
 * demand to decide anew. The request is taken before anything is claimed, so that it is answered at most once; lost between, it
 * is asked again.
 */
export const fulfilLaunchRequest = async (
  execution: Execution,
  { request, launches }: Extract<Action, { kind: "fulfilLaunchRequest" }>,
): Promise<void> => {
  const { ports, view } = execution;
  execution.assertHeld();
  if (view.nodeClass.kind !== "ready" || !(await ports.launchRequests.take(keyOf(execution), request))) return;
  if (launches.length === 0) return;
  const marks = await ports.unavailableOfferings.read(view.cluster, view.now);
  const full = new Set(marks.keys());
  const launched: string[] = [];
  let missing = 0;
  for (const wanted of launches) {
    const count = await launchIn(execution, view.nodeClass.launch, wanted, full);
    missing += wanted.count - count;
    launched.push(...Array<string>(count).fill(wanted.zone));
    const message = `launching ${count} of ${offeringKey(wanted)} for pods that standby cannot serve`;
    if (count > 0) await report(execution, [emitEvent("Normal", "ScaleUp", message)]);
  }
  // What becomes standby first is remembered when it is started.
  if (servingLaunch(execution, view.nodeClass.launch))
    await recordZoneDemand(ports, keyOf(execution), launched, view.now);
  if (missing > 0) await ports.wakeQueue.enqueue("demand", [view.cluster]);
};
