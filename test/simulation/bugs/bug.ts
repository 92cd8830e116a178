/** A deliberate bug: a mistake, put in at the ports of production code, that the checks must catch. */
import type { Ec2 } from "../../../shared/aws/ec2.ts";
import type { NodeClassResources } from "../../../shared/aws/node-class-resources.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import type { Reconcile } from "../../../shared/queue/types.ts";
import type { WorkTable } from "../../../shared/queue/work-table.ts";
import type { ReconcilerPorts } from "../../../shared/reconcilers/ports.ts";
import type { SlotTable } from "../../../shared/state/slots-table.ts";
import type { SimulatedClock } from "../clock.ts";
import type { Feature } from "../features.ts";
import type { Command } from "../sdk.ts";

/** The function that gets the changed ports. */
export interface Place {
  readonly clock: SimulatedClock;
  readonly name: string;
}

export interface Bug {
  /** What the bug changes of a function's ports. */
  readonly ports?: (ports: ReconcilerPorts, place: Place) => Partial<ReconcilerPorts>;
  /** What the bug changes of the lookups of a node class. */
  readonly resources?: (resources: NodeClassResources) => Partial<NodeClassResources>;
  readonly workTable?: (table: WorkTable) => Partial<WorkTable>;
  /** What the table gets instead of a command's input. */
  readonly tableInput?: (command: Command) => unknown;
  readonly reconcile?: (reconcile: Reconcile, place: Place) => Reconcile;
  /** Faults and actors without which it makes no difference; `calm`: the world must have none. */
  readonly needs?: readonly Feature[] | "calm";
}

export const MINUTE = 60_000;

export const ec2 = (change: (ec2: Ec2, place: Place) => Partial<Ec2>, ...needs: Feature[]): Bug => ({
  needs,
  ports: (ports, place) => ({ ec2: { ...ports.ec2, ...change(ports.ec2, place) } }),
});

export const slots = (change: (slots: SlotTable, place: Place) => Partial<SlotTable>): Bug => ({
  ports: (ports, place) => ({ slots: { ...ports.slots, ...change(ports.slots, place) } }),
});

export const kube = (change: (kube: KubeClient, place: Place) => Partial<KubeClient>, ...needs: Feature[]): Bug => ({
  needs,
  ports: (ports, place) => ({
    kube: async (cluster) => {
      const client = await ports.kube(cluster);
      return { ...client, ...change(client, place) };
    },
  }),
});

/** A list of the pods that are on nodes. */
export const isPodList = (path: string, fieldSelector = ""): boolean =>
  path === paths.pods() && !fieldSelector.startsWith("status.phase");
