/** Deliberate bugs in records, leases and what else the table holds, and in the work queue. */
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import type { Command } from "../sdk.ts";
import { type Bug, MINUTE, slots } from "./bug.ts";

const isWriteOfRecord = ({ constructor: { name }, input }: Command): boolean =>
  name === "UpdateCommand" && (input as { readonly Key: { readonly sk: string } }).Key.sk.startsWith("SLOT#");

const withoutCondition = ({ input }: Command): unknown => {
  const { ConditionExpression: _, ...others } = input as { readonly ConditionExpression?: string };
  return others;
};

export const TABLE_BUGS = {
  "the token is not persisted": slots(({ claim }) => ({
    claim: (key, record) => claim(key, { ...record, token: `not ${record.token}` }),
  })),
  "EC2 is called before the record is written": slots(({ claim }, { clock }) => ({
    claim: async (key, record) => {
      clock.after(2_000, () => void claim(key, record).catch(() => {}));
      return { ...record, version: 1 };
    },
  })),
  "a slot is released with its instance": slots(({ write, free }) => ({
    write: async (key, record, change) => {
      if (change.move?.to === "terminating") await free(key, record);
      return write(key, record, change);
    },
  })),
  "parameters of launches are kept": slots(() => ({ dropLaunch: async () => {} })),
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
  "no events are recorded": { needs: ["dead kubelet", "max runtime"], ports: () => ({ recordEvents: async () => {} }) },
  "what the table holds of a deleted pool is kept": {
    ports: ({ poolItems }) => ({ poolItems: { ...poolItems, deleteAll: async () => {} } }),
  },
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
  "records are written whatever their version": {
    needs: ["slow calls", "late looks", "doubled messages"],
    tableInput: (command) => (isWriteOfRecord(command) ? withoutCondition(command) : command.input),
  },
  "marks during a lease are not looked at": {
    needs: "calm",
    workTable: ({ release }) => ({
      release: async (work, done) => {
        const item = await release(work, done);
        return item && { ...item, dirtySeq: item.doneSeq };
      },
    }),
  },
  "each key is looked at every second": {
    reconcile:
      (reconcile, { clock }) =>
      async (lease) => ({ ...(await reconcile(lease)), requeueAt: clock.now() + 1_000 }),
  },
} as const satisfies Readonly<Record<string, Bug>>;
