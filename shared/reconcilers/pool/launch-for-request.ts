import { openSubnets } from "../../capacity/plan-capacity.ts";
import { chooseSubnet } from "../../capacity/subnets.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import type { RequestedLaunch } from "../../model/launch-request.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
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

/**
 * Launches in the zone's subnets, first in the one with the most free addresses; returns how many instances were launched. Adds what turns out to be
 * unavailable to `full`.
 */
const launchIn = async (
  execution: Execution,
  config: PoolLaunchConfig,
  { count, demandSince, pods, ...place }: RequestedLaunch,
  full: Set<string>,
): Promise<number> => {
  const serving = servingLaunch(execution, config);
  let launched = 0;
  while (launched < count) {
    const inZone = config.subnets.filter(({ zone }) => zone === place.zone);
    const chosen = chooseSubnet(
      openSubnets(inZone, place.instanceType, full),
      execution.progress.launchedIn,
      count - launched,
    );
    if (!chosen) return launched;
    const order = {
      ...place,
      ...chosen,
      reason: "Overflow",
      overflow: serving ? "serve" : "warmUp",
      demandSince,
      pods: pods?.slice(launched),
    } as const;
    const outcome = await launch(execution, serving ?? config, order);
    if (outcome.kind === "failed") return launched;
    if (outcome.kind === "unavailable") full.add(outcome.key);
    else launched += outcome.count;
    if (outcome.kind === "launched" && outcome.count < chosen.count) return launched;
  }
  return launched;
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
