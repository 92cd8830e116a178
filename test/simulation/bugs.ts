/** Deliberate bugs, put in at the ports of production code: each is a mistake that the checks must catch. */
import type { Ec2 } from "../../shared/aws/ec2.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { paths } from "../../shared/kube/paths.ts";
import type { InstanceRecord } from "../../shared/model/instance-record.ts";
import type { WorkTable } from "../../shared/queue/work-table.ts";
import type { ReconcilerPorts } from "../../shared/reconcilers/ports.ts";
import type { SlotTable } from "../../shared/state/slots-table.ts";
import type { SimulatedClock } from "./clock.ts";
import type { Feature } from "./features.ts";

/** The function that gets the changed ports. */
interface Place {
  readonly clock: SimulatedClock;
  readonly name: string;
}

export interface Bug {
  /** What the bug changes of a function's ports. */
  readonly ports?: (ports: ReconcilerPorts, place: Place) => Partial<ReconcilerPorts>;
  readonly workTable?: (table: WorkTable) => Partial<WorkTable>;
  /** Faults and actors without which it makes no difference; `calm`: the world must have none. */
  readonly needs?: readonly Feature[] | "calm";
}

const MINUTE = 60_000;

const ec2 = (change: (ec2: Ec2, place: Place) => Partial<Ec2>, ...needs: Feature[]): Bug => ({
  needs,
  ports: (ports, place) => ({ ec2: { ...ports.ec2, ...change(ports.ec2, place) } }),
});

const slots = (change: (slots: SlotTable, place: Place) => Partial<SlotTable>): Bug => ({
  ports: (ports, place) => ({ slots: { ...ports.slots, ...change(ports.slots, place) } }),
});

const kube = (change: (kube: KubeClient) => Partial<KubeClient>, ...needs: Feature[]): Bug => ({
  needs,
  ports: (ports) => ({
    kube: async (cluster) => {
      const client = await ports.kube(cluster);
      return { ...client, ...change(client) };
    },
  }),
});

const isPodList = (path: string, fieldSelector = ""): boolean =>
  path === paths.pods() && !fieldSelector.startsWith("status.phase");

export const BUGS = {
  "the token is not persisted": slots(({ claim }) => ({
    claim: (key, record) => claim(key, { ...record, token: `not ${record.token}` }),
  })),
  "EC2 is called before the record is written": slots(({ claim }, { clock }) => ({
    claim: async (key, record) => {
      clock.after(2_000, () => void claim(key, record).catch(() => {}));
      return { ...record, version: 1 };
    },
  })),
  "a list of instances is trusted for two minutes": ec2(({ describeInstances }, { clock }) => {
    let known: { readonly at: number; readonly list: ReturnType<Ec2["describeInstances"]> } | undefined;
    return {
      describeInstances: (filter) => {
        if (!("tags" in filter)) return describeInstances(filter);
        if (!known || clock.now() - known.at > 2 * MINUTE) known = { at: clock.now(), list: describeInstances(filter) };
        return known.list;
      },
    };
  }),
  // Every third list fails here, so that it does not take a hundred seeds.
  "the pods of a node that cannot be read are taken for none": kube(({ list }) => {
    let lists = 0;
    return {
      list: async (path, options, project) => {
        if (!isPodList(path, options?.fieldSelector)) return list(path, options, project);
        lists += 1;
        return lists % 3 === 0 ? [] : list(path, options, project);
      },
    };
  }, "max runtime"),
  "no node has pods": kube(({ list }) => ({
    list: async (path, options, project) =>
      isPodList(path, options?.fieldSelector) ? [] : list(path, options, project),
  })),
  "the state reason is ignored": ec2(
    ({ describeInstances }) => ({
      describeInstances: async (filter) =>
        (await describeInstances(filter)).map((instance) => ({ ...instance, stateReason: "" })),
    }),
    "undone starts",
  ),
  "a launch is repeated with another token": ec2(({ runInstances }) => {
    let calls = 0;
    return {
      runInstances: (spec) => {
        calls += 1;
        return runInstances({ ...spec, clientToken: calls > 1 ? `${spec.clientToken}-${calls}` : spec.clientToken });
      },
    };
  }),
  "leases exclude nobody": {
    workTable: ({ acquire, read }) => ({
      acquire: (work, owner, now, leaseMs) => acquire(work, owner, now + MINUTE, leaseMs - MINUTE),
      read: async (work) => {
        const item = await read(work);
        return item && { ...item, leaseUntil: 0 };
      },
    }),
  },
  "the dirty mark is ignored": { needs: "calm", workTable: () => ({ mark: async () => true }) },
  "instances are launched without tags": ec2(({ runInstances }) => ({
    runInstances: (spec) => runInstances({ ...spec, tags: { Name: "stratos" } }),
  })),
  "all instances of the account are the pool's": ec2(({ describeInstances }) => ({
    describeInstances: (filter) => describeInstances("tags" in filter ? { tags: {} } : filter),
  })),
  "no events are recorded": { needs: ["dead kubelet", "max runtime"], ports: () => ({ recordEvents: async () => {} }) },
  "what the table holds of a deleted pool is kept": {
    ports: ({ poolItems }) => ({ poolItems: { ...poolItems, deleteAll: async () => {} } }),
  },
  "nodes are not uncordoned": kube(({ patch }) => ({
    patch: (path, type, body) => {
      const { spec, ...rest } = (body ?? {}) as { readonly spec?: { readonly unschedulable?: boolean } };
      const isUncordon = path.startsWith(paths.nodes()) && spec?.unschedulable !== true;
      const { unschedulable: _, ...others } = spec ?? {};
      return patch(path, type, isUncordon && spec ? { ...rest, spec: others } : body);
    },
  })),
  "demand does not see nodes that are starting": {
    ports: ({ poolItems }, { name }) => ({
      poolItems: {
        ...poolItems,
        read: async (key) => {
          const items = await poolItems.read(key);
          const isSeen = ({ state, openedAt }: InstanceRecord) => state !== "running" || openedAt !== undefined;
          return name === "demand" ? { ...items, records: items.records.filter(isSeen) } : items;
        },
      },
    }),
  },
  "a slot is released with its instance": slots(({ write, free }) => ({
    write: async (key, record, change) => {
      if (change.move?.to === "terminating") await free(key, record);
      return write(key, record, change);
    },
  })),
  "parameters of launches are kept": slots(() => ({ dropLaunch: async () => {} })),
} as const satisfies Readonly<Record<string, Bug>>;

export type BugName = keyof typeof BUGS;
