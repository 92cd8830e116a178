/** The slot table in memory, for scenarios that run hundreds of times; slots-table.test.ts tests the real one. */

import type { LaunchSpec } from "../../../shared/model/ec2.ts";
import type { InstanceRecord } from "../../../shared/model/instance-record.ts";
import { mayFollow } from "../../../shared/model/instance-state.ts";
import type { WarmupFailures } from "../../../shared/model/warmup-failures.ts";
import type { RecordWrite, SlotTable } from "../../../shared/state/slots-table.ts";
import type { FakeItems } from "./fake-items.ts";

const written = (record: InstanceRecord, { move, set = {} }: RecordWrite): InstanceRecord => {
  if (move && !mayFollow(record.state, move.to))
    throw new Error(`illegal transition from ${record.state} to ${move.to}`);
  const fields = {
    ...record,
    version: record.version + 1,
    ...(move && { state: move.to, reason: move.reason, stateSince: move.now }),
    ...set,
  };
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as unknown as InstanceRecord;
};

export interface FakeSlots extends SlotTable, FakeItems {
  /** In slot order. */
  records(): readonly InstanceRecord[];
  warmupFailures(): WarmupFailures | undefined;
}

/** The slots of one pool. */
export const createFakeSlots = (): FakeSlots => {
  const records = new Map<number, InstanceRecord>();
  const launches = new Map<string, LaunchSpec>();
  let warmupFailures: WarmupFailures | undefined;
  const isCurrent = ({ slot, version }: InstanceRecord) => records.get(slot)?.version === version;
  return {
    records: () => [...records.values()].toSorted((one, other) => one.slot - other.slot),
    claim: async (_key, wanted) => {
      if (records.has(wanted.slot)) return undefined;
      const record = { ...wanted, version: 1 };
      records.set(wanted.slot, record);
      return record;
    },
    write: async (_key, record, change) => {
      if (!isCurrent(record)) return undefined;
      const next = written(records.get(record.slot) ?? record, change);
      records.set(record.slot, next);
      return next;
    },
    free: async (_key, record) => isCurrent(record) && records.delete(record.slot),
    saveLaunch: async (_key, launch) => {
      const saved = launches.get(launch.clientToken) ?? launch;
      launches.set(launch.clientToken, saved);
      return saved;
    },
    readLaunch: async (_key, token) => launches.get(token),
    dropLaunch: async (_key, token) => void launches.delete(token),
    warmupFailures: () => warmupFailures,
    writeWarmupFailures: async (_key, changed) => {
      warmupFailures = changed;
    },
    size: () => records.size + launches.size + Number(warmupFailures !== undefined),
    clear: () => {
      records.clear();
      launches.clear();
      warmupFailures = undefined;
    },
  };
};
