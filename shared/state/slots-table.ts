/**
 * The table's instance records. A pool of size n has slots 1 to n, and each record is the item of its slot. So neither concurrency nor
 * a crash can create more instances than the pool's size: there is no key for another one.
 */
import { DeleteCommand, type DynamoDBDocumentClient, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { InstanceRecord, RecordChange, TransitionReason } from "../model/instance-record.ts";
import { mayFollow, type PoolState } from "../model/instance-state.ts";
import type { PoolKey } from "../model/keys.ts";
import { undefinedIfLostRace } from "../model/lost-race.ts";
import { partition, SORT_KEY } from "./keys.ts";
import { createLaunchSpecsTable, type LaunchSpecsTable } from "./launch-specs-table.ts";
import { createWarmupFailuresTable, type WarmupFailuresTable } from "./warmup-failures-table.ts";

export interface RecordWrite {
  /** A transition to another state; `now` becomes `stateSince`. */
  readonly move?: { readonly to: PoolState; readonly reason: TransitionReason; readonly now: number };
  readonly set?: RecordChange;
}

/** Every method throws the SDK's errors; a lost race is a return value, not an error. */
export interface SlotTable extends LaunchSpecsTable, WarmupFailuresTable {
  /** Creates the record if its slot is free; undefined if it is not. */
  claim(key: PoolKey, record: Omit<InstanceRecord, "version">): Promise<InstanceRecord | undefined>;
  /** Updates the record; undefined if its version has changed since it was read. Throws on an illegal transition. */
  write(key: PoolKey, record: InstanceRecord, write: RecordWrite): Promise<InstanceRecord | undefined>;
  /** Deletes the record; false if its version has changed since it was read. */
  free(key: PoolKey, record: InstanceRecord): Promise<boolean>;
}

const slotKey = (key: PoolKey, slot: number) => ({
  pk: partition(key),
  sk: `${SORT_KEY.slots}${String(slot).padStart(4, "0")}`,
});

/** The record in a slot's item. */
export const toRecord = (item: Record<string, unknown>): InstanceRecord => {
  const { pk, sk, cluster, pool, ...record } = item;
  return record as unknown as InstanceRecord;
};

const updateOf = (record: InstanceRecord, { move, set }: RecordWrite) => {
  if (move && !mayFollow(record.state, move.to)) {
    throw new Error(`slot ${record.slot}: illegal transition from ${record.state} to ${move.to} (${move.reason})`);
  }
  const fields: Record<string, unknown> = {
    version: record.version + 1,
    ...(move && { state: move.to, reason: move.reason, stateSince: move.now }),
    ...set,
  };
  const names = Object.keys(fields);
  const removed = names.filter((name) => fields[name] === null);
  const kept = names.filter((name) => fields[name] !== null && fields[name] !== undefined);
  return {
    UpdateExpression: [
      `SET ${kept.map((name) => `#${name} = :${name}`).join(", ")}`,
      ...(removed.length > 0 ? [`REMOVE ${removed.map((name) => `#${name}`).join(", ")}`] : []),
    ].join(" "),
    ExpressionAttributeNames: Object.fromEntries([...kept, ...removed].map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(kept.map((name) => [`:${name}`, fields[name]])),
      ":seen": record.version,
    },
  };
};

export const createSlotTable = (documents: DynamoDBDocumentClient, tableName: string): SlotTable => {
  const claim = async (key: PoolKey, record: Omit<InstanceRecord, "version">) => {
    const item = { ...slotKey(key, record.slot), ...key, ...record, version: 1 };
    try {
      await documents.send(
        // The slot must be free: one item per slot bounds the pool's size.
        new PutCommand({ TableName: tableName, Item: item, ConditionExpression: "attribute_not_exists(pk)" }),
      );
      return toRecord(item);
    } catch (error) {
      return undefinedIfLostRace(error);
    }
  };

  const write = async (key: PoolKey, record: InstanceRecord, change: RecordWrite) => {
    try {
      const answer = await documents.send(
        new UpdateCommand({
          TableName: tableName,
          Key: slotKey(key, record.slot),
          ...updateOf(record, change),
          // The decision was based on the version that was read; a released slot has no version.
          ConditionExpression: "#version = :seen",
          ReturnValues: "ALL_NEW",
        }),
      );
      return answer.Attributes && toRecord(answer.Attributes);
    } catch (error) {
      return undefinedIfLostRace(error);
    }
  };

  const free = async (key: PoolKey, record: InstanceRecord): Promise<boolean> => {
    try {
      await documents.send(
        new DeleteCommand({
          TableName: tableName,
          Key: slotKey(key, record.slot),
          // As in `write`: only the version that was read.
          ConditionExpression: "#version = :seen",
          ExpressionAttributeNames: { "#version": "version" },
          ExpressionAttributeValues: { ":seen": record.version },
        }),
      );
      return true;
    } catch (error) {
      undefinedIfLostRace(error);
      return false;
    }
  };

  return {
    claim,
    write,
    free,
    ...createLaunchSpecsTable(documents, tableName),
    ...createWarmupFailuresTable(documents, tableName),
  };
};
