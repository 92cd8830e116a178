import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import type { RequestedLaunch } from "../../model/launch-request.ts";
import { offeringKey, subnetKey } from "../../model/unavailable-offerings.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import { recordZoneDemand } from "../record-zone-demand.ts";
import { launch } from "./launch.ts";
import { type Execution, keyOf, report } from "./progress.ts";

/**
 * The configuration of an instance that serves at once. Undefined if it would power itself off after its warmup, which must not happen
 * under pods: such an instance becomes standby first and is started then.
 */
const servingLaunch = ({ view }: Execution, config: PoolLaunchConfig): PoolLaunchConfig | undefined => {
  if (config.servingUserData) return { ...config, userData: config.servingUserData };
  return view.spec.preWarm.completionMode === "ControllerStop" ? config : undefined;
};

/** Launches in one of the zone's subnets; returns how many instances were launched. */
const launchIn = async (
  execution: Execution,
  config: PoolLaunchConfig,
  { count, demandSince, pods, ...place }: RequestedLaunch,
  full: ReadonlySet<string>,
): Promise<number> => {
  if (full.has(offeringKey(place))) return 0;
  const serving = servingLaunch(execution, config);
  for (const { id, zone } of config.subnets) {
    if (zone !== place.zone || full.has(subnetKey(id))) continue;
    const order = {
      ...place,
      count,
      subnetId: id,
      reason: "Overflow",
      overflow: serving ? "serve" : "warmUp",
      demandSince,
      pods,
    } as const;
    const outcome = await launch(execution, serving ?? config, order);
    if (outcome.kind === "launched") return outcome.count;
    if (outcome.kind === "failed" || outcome.key === offeringKey(place)) return 0;
  }
  return 0;
};

/**
 * Launches what demand requested, and only where it requested it: pods may be tied to a zone, and whether another offering will do is
 * for demand to decide. The request is taken before any slot is claimed, so it is fulfilled at most once; if it is lost in between,
 * demand requests again.
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
  // For instances that become standby first, the zone is recorded when they are started.
  if (servingLaunch(execution, view.nodeClass.launch))
    await recordZoneDemand(ports, keyOf(execution), launched, view.now);
  if (missing > 0) await ports.wakeQueue.enqueue("demand", [view.cluster]);
};
