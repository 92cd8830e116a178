/** New instances wherever there is room for them: zone by zone, and type by type where no zone has capacity. */

import type { InstanceRecord } from "../../model/instance-record.ts";
import type { PoolState } from "../../model/instance-state.ts";
import type { PoolLaunchConfig } from "../../model/launch-config.ts";
import { offeringKey, subnetKey } from "../../model/unavailable-offerings.ts";
import { weightOf } from "../../model/zone-demand.ts";
import { shareOut } from "../../pool/spread.ts";
import { allInstances } from "../../pool/view.ts";
import { launch } from "./launch.ts";
import { type Execution, freeSlots, keyOf } from "./progress.ts";

type Subnet = PoolLaunchConfig["subnets"][number];

/** What is still to be launched, and where there is no use in trying. */
interface Search {
  readonly execution: Execution;
  readonly template: PoolLaunchConfig;
  readonly reason: string;
  readonly full: Set<string>;
  readonly weigh: (zone: string) => number;
  missing: number;
  failed: boolean;
}

const openSubnets = ({ template, full }: Search, instanceType: string): readonly Subnet[] =>
  template.subnets.filter(({ id, zone }) => !full.has(offeringKey({ instanceType, zone })) && !full.has(subnetKey(id)));

const WILL_BE_STANDBY: readonly PoolState[] = ["warmup", "standby", "stopping"];

/** Zones of what is or will be standby, with what has been launched just now. */
const standbyZones = ({ view, progress }: Execution): readonly string[] => {
  const records = new Map<number, InstanceRecord>(allInstances(view).map(({ record }) => [record.slot, record]));
  for (const [slot, record] of progress.records) records.set(slot, record);
  return [...records.values()].filter(({ state }) => WILL_BE_STANDBY.includes(state)).map(({ zone }) => zone);
};

/** One launch a zone. False if another attempt would change nothing. */
const launchOnce = async (search: Search, instanceType: string, subnets: readonly Subnet[]): Promise<boolean> => {
  const { execution, template, reason, full, weigh } = search;
  const before = { missing: search.missing, full: full.size };
  const zones = [...new Set(subnets.map(({ zone }) => zone))];
  for (const [zone, count] of shareOut(search.missing, zones, standbyZones(execution), weigh)) {
    const subnetId = subnets.find((subnet) => subnet.zone === zone)?.id ?? "";
    const outcome = await launch(execution, template, { count, reason, zone, instanceType, subnetId });
    if (outcome.kind === "failed") search.failed = true;
    if (outcome.kind === "full") full.add(outcome.place);
    if (outcome.kind === "launched") search.missing -= outcome.count;
    // The zone gave what it had left.
    if (outcome.kind === "launched" && outcome.count < outcome.asked) full.add(offeringKey({ instanceType, zone }));
  }
  return search.missing < before.missing || full.size > before.full;
};

/**
 * Each attempt launches something or finds one more place full, so there are at most as many as places. What finds no room
 * anywhere waits until the marks of these places are over.
 */
export const launchStandby = async (execution: Execution, count: number, reason: string): Promise<void> => {
  const { ports, view, progress } = execution;
  if (view.nodeClass.kind !== "ready") return;
  const template = view.nodeClass.launch;
  const [marks, demand] = await Promise.all([
    ports.unavailableOfferings.read(view.cluster, view.now),
    ports.zoneDemand.read(keyOf(execution)),
  ]);
  const weigh = (zone: string) => weightOf(demand, zone, view.now);
  const missing = Math.min(count, freeSlots(execution).length);
  const search: Search = { execution, template, reason, full: new Set(marks.keys()), missing, failed: false, weigh };
  for (const instanceType of template.instanceTypes) {
    for (let again = true; again && search.missing > 0 && !search.failed; ) {
      const subnets = openSubnets(search, instanceType);
      again = subnets.length > 0 && (await launchOnce(search, instanceType, subnets));
    }
  }
  if (search.missing > 0 && search.full.size > 0) {
    const message = `no capacity for ${search.missing} more: ${[...search.full].toSorted().join(", ")}`;
    progress.problem ??= { reason: "InsufficientCapacity", message };
  }
};
