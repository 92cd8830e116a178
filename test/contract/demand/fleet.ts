/** The machines of a cluster's pools, with the records that the table would have of them. */
import type { DemandPlan } from "../../../shared/demand/plan.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { podName } from "../../../shared/model/kubernetes/pods.ts";
import { offeringKey } from "../../../shared/model/unavailable-offerings.ts";
import { aRecord } from "../../shared/pool/builders.ts";
import { type Kind, type Machine, machineOf } from "./machines.ts";
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
  const { instanceId, zone, kind, node } = machine;
  const { name: nodeName } = node.metadata;
  const own = { instanceId, zone, instanceType: kind.type.instanceType, nodeName };
  switch (phase) {
    case "standby":
      return aRecord("standby", own);
    case "launching":
      return aRecord("warmup", { ...own, nodeName: undefined, overflow: "serve", pods });
    case "starting":
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
  const launch = (kind: Kind, zone: string): Machine => {
    launches += 1;
    return machineOf(kind, `${kind.pool.metadata.name}-launched-${launches}`, zone);
  };

  const start = ({ records, pods: perRecord }: DemandPlan["starts"][number]): readonly PlannedMachine[] =>
    records.flatMap(({ instanceId }, index) => {
      const pods = perRecord[index] ?? [];
      return change(instanceId, () => ({ phase: "starting", pods: pods.map(podName) })).map((machine) => ({
        machine,
        pods,
      }));
    });

  const launchAll = ({ pool, offering, pods: perNode }: DemandPlan["launches"][number]): readonly PlannedMachine[] =>
    kinds
      .filter((kind) => kind.pool.metadata.name === pool)
      .flatMap((kind) => perNode.map((pods) => ({ machine: launch(kind, offering.zone), pods })));

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
      const canUse = ({ kind: { pool, type }, zone }: Machine): boolean =>
        !pool.spec.paused && !unavailable.has(offeringKey({ instanceType: type.instanceType, zone }));
      const standby = entries.filter(({ phase }) => phase === "standby").map(({ machine }) => machine);
      const launchable = kinds.flatMap((kind) => {
        const free = kind.pool.spec.poolSize - inPool(kind.pool.metadata.name).length;
        const zones = (kind.nodeClass.status?.resolvedSubnets ?? []).map(({ zone }) => zone);
        return zones
          .map((zone) => launch(kind, zone))
          .filter(canUse)
          .slice(0, Math.max(0, free));
      });
      return [...standby.filter(canUse), ...launchable];
    },
  };
};
