/** Launches new instances wherever there is capacity: zone by zone, and with the next type where no zone has any. */

import { openSubnets } from "../../capacity/plan-capacity.ts";
import { chooseSubnet, type Subnet, withFreeAddresses } from "../../capacity/subnets.ts";
import type { InstanceRecord, TransitionReason } from "../../model/instance-record.ts";
import type { PoolState } from "../../model/instance-state.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import { offeringKey } from "../../model/unavailable-offerings.ts";
import { weightOf } from "../../model/zone-demand.ts";
import { type Action, emitEvent } from "../../pool/actions.ts";
import { shareOut } from "../../pool/spread.ts";
import { desiredStandby, usableStandby } from "../../pool/standby-target.ts";
import { allInstances, type PoolView } from "../../pool/view.ts";
import { launch } from "./launch.ts";
import { type Execution, freeSlots, keyOf } from "./progress.ts";

type LaunchAction = Extract<Action, { readonly kind: "launch" }>;

/** What is still to be launched, and which offerings are unavailable. */
interface Search {
  readonly execution: Execution;
  readonly config: PoolLaunchConfig;
  readonly reason: TransitionReason;
  readonly full: Set<string>;
  readonly weigh: (zone: string) => number;
  missing: number;
  failed: boolean;
}

const WILL_BE_STANDBY: readonly PoolState[] = ["warmup", "standby", "stopping"];

/** Zones of all instances that are or will be standby, those just launched included. */
const standbyZones = ({ view, progress }: Execution): readonly string[] => {
  const records = new Map<number, InstanceRecord>(allInstances(view).map(({ record }) => [record.slot, record]));
  for (const [slot, record] of progress.records) records.set(slot, record);
  return [...records.values()].filter(({ state }) => WILL_BE_STANDBY.includes(state)).map(({ zone }) => zone);
};

/** One launch per zone, in a subnet with free addresses. False if another attempt would change nothing. */
const launchOnce = async (search: Search, instanceType: string, open: readonly Subnet[]): Promise<boolean> => {
  const { execution, config, reason, full, weigh } = search;
  const before = { missing: search.missing, full: full.size };
  const { launchedIn } = execution.progress;
  const subnets = withFreeAddresses(open, launchedIn);
  const zones = [...new Set(subnets.map(({ zone }) => zone))];
  for (const [zone, count] of shareOut(search.missing, zones, standbyZones(execution), weigh)) {
    const inZone = subnets.filter((subnet) => subnet.zone === zone);
    const chosen = chooseSubnet(inZone, launchedIn, count);
    if (!chosen) continue;
    const outcome = await launch(execution, config, { ...chosen, reason, zone, instanceType });
    if (outcome.kind === "failed") search.failed = true;
    if (outcome.kind === "unavailable") full.add(outcome.key);
    if (outcome.kind === "launched") search.missing -= outcome.count;
    // The zone has no more capacity.
    if (outcome.kind === "launched" && outcome.count < outcome.asked) full.add(offeringKey({ instanceType, zone }));
  }
  return search.missing < before.missing || full.size > before.full;
};

/**
 * Each attempt launches something or finds one more offering unavailable, or uses up a subnet's addresses, so there are at most as many attempts as
 * offerings and subnets. What cannot be launched anywhere waits until these offerings are tried again. Returns the event about what was launched.
 */
export const launchStandby = async (
  execution: Execution,
  { count, reason, zone }: LaunchAction,
): Promise<readonly Action[]> => {
  const { ports, view, progress } = execution;
  if (view.nodeClass.kind !== "ready") return [];
  const { launch: config } = view.nodeClass;
  const subnets = config.subnets.filter((subnet) => zone === undefined || subnet.zone === zone);
  const [marks, demand] = await Promise.all([
    ports.unavailableOfferings.read(view.cluster, view.now),
    ports.zoneDemand.read(keyOf(execution)),
  ]);
  const weigh = (zone: string) => weightOf(demand, zone, view.now);
  const missing = Math.min(count, freeSlots(execution).length);
  const search: Search = { execution, config, reason, full: new Set(marks.keys()), missing, failed: false, weigh };
  for (const instanceType of config.instanceTypes) {
    for (let again = true; again && search.missing > 0 && !search.failed; ) {
      const open = openSubnets(subnets, instanceType, search.full);
      again = open.length > 0 && (await launchOnce(search, instanceType, open));
    }
  }
  if (search.missing > 0 && search.full.size > 0) {
    const message = `no capacity for ${search.missing} more: ${[...search.full].toSorted().join(", ")}`;
    progress.problem ??= { reason: "InsufficientCapacity", message };
  }
  const launched = missing - search.missing;
  return launched > 0 ? [emitEvent("Normal", "Replenishing", `launching ${launched}${purposeOf(reason, view)}`)] : [];
};

const purposeOf = (reason: TransitionReason, view: PoolView): string => {
  if (reason === "MaxRuntime") return " to take the pods of nodes that are due (maxNodeRuntime)";
  if (reason === "Refresh") return " to replace drifted standby";
  return `; ${usableStandby(view).length} of ${desiredStandby(view)} are standby`;
};
