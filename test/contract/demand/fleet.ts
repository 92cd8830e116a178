/** The machines of a cluster's pools, with the records that the table would have of them. */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { isOnHold, type KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import type { Offering } from "../../../shared/model/offering.ts";
import { offeringKey } from "../../../shared/model/unavailable-offerings.ts";
import { aRecord } from "../../shared/pool/builders.ts";
import { canBeResized, type InstanceType, type Kind, type Machine, machineOf, resized, typesOf } from "./machines.ts";
import type { World } from "./world.ts";

/** A machine that a plan starts or launches. */
export interface PlannedMachine {
  readonly machine: Machine;
  readonly pods: readonly KubePod[];
}

export interface Fleet {
  recordsOf(pool: string, now: number): readonly InstanceRecord[];
  /** Records what was decided. The nodes are not up yet. */
  decide(plan: DemandPlan | undefined): readonly PlannedMachine[];
  setOpen(machine: Machine): void;
  /** Machines that could still be started, and those that could be launched: one for each offering, as far as the pool's size allows. */
  unused(): readonly Machine[];
}

type Phase = "standby" | "starting" | "launching" | "open" | "long open";

interface Entry {
  readonly machine: Machine;
  phase: Phase;
  pods: readonly string[];
}

const recordOf = ({ machine, phase, pods }: Entry, now: number): InstanceRecord => {
  const { instanceId, instanceType, zone, node, kind } = machine;
  const { name: nodeName } = node.metadata;
  const own = { instanceId, instanceType, zone, nodeName };
  switch (phase) {
    case "standby":
      return aRecord("standby", own);
    case "launching":
      return aRecord("warmup", { ...own, nodeName: undefined, overflow: "serve", pods });
    case "starting": {
      const resizedFrom = instanceType === kind.type.instanceType ? undefined : kind.type.instanceType;
      return aRecord("running", { ...own, startedAt: now, pods, ...(resizedFrom !== undefined && { resizedFrom }) });
    }
    case "open":
      return aRecord("running", { ...own, startedAt: now, pods });
    case "long open":
      return aRecord("running", { ...own, startedAt: 0, readyAt: 0, openedAt: 0, stateSince: 0 });
  }
};

export const createFleet = ({ kinds, machines, unavailable }: World): Fleet => {
  const entries = machines.map(
    (machine): Entry => ({ machine, phase: machine.isUp ? "long open" : "standby", pods: [] }),
  );
  const inPool = (name: string) => entries.filter(({ machine }) => machine.kind.pool.metadata.name === name);
  const change = (instanceId: string | undefined, to: (entry: Entry) => Partial<Entry>): readonly Machine[] => {
    const entry = entries.find(({ machine }) => machine.instanceId === instanceId);
    return entry ? [Object.assign(entry, to(entry)).machine] : [];
  };
  let launches = 0;
  const launch = (kind: Kind, zone: string, type: InstanceType | undefined): Machine => {
    launches += 1;
    return machineOf(kind, `${kind.pool.metadata.name}-launched-${launches}`, zone, type);
  };
  const isAvailable = (offering: Offering): boolean => !unavailable.has(offeringKey(offering));

  const start = ({ records, pods: perRecord }: DemandPlan["starts"][number]): readonly PlannedMachine[] =>
    records.flatMap(({ instanceId, resizedFrom }, index) => {
      const pods = perRecord[index] ?? [];
      const started = change(instanceId, ({ machine }) => ({
        machine: resizedFrom === undefined ? machine : resized(machine),
        phase: "starting",
        pods: pods.map(podName),
      }));
      return started.map((machine) => ({ machine, pods }));
    });

  const launchAll = ({ pool, offering, pods: perNode }: DemandPlan["launches"][number]): readonly PlannedMachine[] =>
    kinds
      .filter((kind) => kind.pool.metadata.name === pool)
      .flatMap((kind) => {
        const type = typesOf(kind).find(({ instanceType }) => instanceType === offering.instanceType);
        return perNode.map((pods) => ({ machine: launch(kind, offering.zone, type), pods }));
      });

  return {
    recordsOf: (pool, now) => inPool(pool).map((entry) => recordOf(entry, now)),
    decide: (plan) => {
      const started = plan?.starts.flatMap(start) ?? [];
      const launched = plan?.launches.flatMap(launchAll) ?? [];
      for (const { machine, pods } of launched) entries.push({ machine, phase: "launching", pods: pods.map(podName) });
      for (const { pod, record } of plan?.waiting ?? [])
        change(record.instanceId, ({ pods }) => ({ pods: [...new Set([...pods, podName(pod)])] }));
      return [...started, ...launched];
    },
    setOpen: ({ instanceId }) => void change(instanceId, () => ({ phase: "open" })),
    unused: () => {
      const isActive = ({ pool: { spec } }: Kind): boolean => !spec.paused && !spec.dryRun;
      const standby = entries.filter(({ phase }) => phase === "standby").map(({ machine }) => machine);
      const startable = standby
        .filter(({ stopped }) => !isOnHold(stopped))
        .flatMap((machine): Machine[] => {
          if (isAvailable(machine)) return [machine];
          return canBeResized(machine) && isAvailable(resized(machine)) ? [resized(machine)] : [];
        });
      const launchable = kinds.flatMap((kind) => {
        const free = kind.pool.spec.poolSize - inPool(kind.pool.metadata.name).length;
        const zones = (kind.nodeClass.status?.resolvedSubnets ?? []).map(({ zone }) => zone);
        const launched = zones.flatMap((zone) => {
          const type = typesOf(kind).find(({ instanceType }) => isAvailable({ instanceType, zone }));
          return type ? [launch(kind, zone, type)] : [];
        });
        return launched.slice(0, Math.max(0, free));
      });
      return [...startable, ...launchable].filter(({ kind }) => isActive(kind));
    },
  };
};
