/**
 * The state of the work queue: one item per key, with a lease, a fencing token that increases with every lease, and three sequence
 * numbers. The key is dirty while `dirtySeq > doneSeq`: a lease was taken, or the key was marked, after the last complete reconcile had
 * begun to observe. While a lease is held, `dirtySeq > seenSeq` says that the key was marked since its holder began to observe.
 */
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { ReconcilerKind } from "../model/events.ts";
import { workPartition } from "../model/keys.ts";
import { undefinedIfLostRace } from "../model/lost-race.ts";
import type { RequeueBudget } from "./requeue-limit.ts";

/** Times in ms since the epoch. */
export interface WorkItem extends RequeueBudget {
  readonly key: string;
  readonly dirtySeq: number;
  /** `dirtySeq` when the last lease was taken. */
  readonly seenSeq: number;
  readonly doneSeq: number;
  readonly fence: number;
  readonly leaseOwner?: string;
  readonly leaseUntil: number;
  readonly nextWakeAt?: number;
  readonly failures: number;
  readonly lastDoneAt: number;
  /** End of the last attempt, whether it succeeded or failed. */
  readonly endedAt: number;
  /** By SQS's clock: the last complete reconcile began after this time, so that it has answered what was sent before. */
  readonly answeredUntil: number;
}

export interface WorkKey {
  readonly kind: ReconcilerKind;
  readonly key: string;
}

export interface Abandon extends RequeueBudget {
  readonly fence: number;
  readonly now: number;
  /** Consecutive failures, this reconcile included; 0 after a success. */
  readonly failures: number;
  /** Undefined clears it. */
  readonly nextWakeAt: number | undefined;
}

export interface Release extends Abandon {
  /** `dirtySeq` when the reconcile began to observe. */
  readonly seen: number;
  /** When the newest of the reconciled wakes was sent, by SQS's clock. */
  readonly answeredUntil: number;
}

export interface Postponement {
  /** The recorded `nextWakeAt` as it was read. */
  readonly replaces: number | undefined;
  readonly until: number;
  readonly now: number;
}

/** Every method throws the SDK's errors; a lost race is a return value, not an error. */
export interface WorkTable {
  /**
   * Marks the key dirty and takes its lease if that is free or expired; undefined if another worker holds it. `owner` is unique to this
   * lease.
   */
  acquire(work: WorkKey, owner: string, now: number, leaseMs: number): Promise<WorkItem | undefined>;
  /** Marks the key for the holder of the lease `fence`. False if it is marked already or that lease has ended. */
  mark(work: WorkKey, fence: number): Promise<boolean>;
  /** Sets `nextWakeAt`. False if the lease was taken or another time was set meanwhile. */
  postpone(work: WorkKey, postponement: Postponement): Promise<boolean>;
  /**
   * Marks the key done up to `seen` and gives the lease back. Returns the updated item, which is still dirty if the key was marked
   * during the lease; undefined if another worker has taken the lease.
   */
  release(work: WorkKey, release: Release): Promise<WorkItem | undefined>;
  /** Deletes the item of a key whose object is gone. `marked`: the key was marked during the lease, which is kept. `lost`: as in `release`. */
  forget(work: WorkKey, lease: Pick<Release, "fence" | "seen">): Promise<"done" | "marked" | "lost">;
  /** Gives the lease back with the key still dirty. False if another worker has taken the lease. */
  abandon(work: WorkKey, abandon: Abandon): Promise<boolean>;
  read(work: WorkKey): Promise<WorkItem | undefined>;
  /** All keys of a kind. */
  list(kind: ReconcilerKind): Promise<WorkItem[]>;
}

const MAX_PAGES = 100;

const itemKey = ({ kind, key }: WorkKey) => ({ pk: workPartition(kind), sk: key });

const toItem = (item: Record<string, unknown>): WorkItem => ({
  key: String(item.sk),
  dirtySeq: Number(item.dirtySeq ?? 0),
  seenSeq: Number(item.seenSeq ?? 0),
  doneSeq: Number(item.doneSeq ?? 0),
  fence: Number(item.fence ?? 0),
  leaseUntil: Number(item.leaseUntil ?? 0),
  failures: Number(item.failures ?? 0),
  lastDoneAt: Number(item.lastDoneAt ?? 0),
  endedAt: Number(item.endedAt ?? 0),
  answeredUntil: Number(item.answeredUntil ?? 0),
  wakesSince: Number(item.wakesSince ?? 0),
  wakes: Number(item.wakes ?? 0),
  ...(typeof item.leaseOwner === "string" && { leaseOwner: item.leaseOwner }),
  ...(typeof item.nextWakeAt === "number" && { nextWakeAt: item.nextWakeAt }),
});

type Update = Omit<ConstructorParameters<typeof UpdateCommand>[0], "TableName" | "Key" | "ReturnValues">;

const toAcquire = (owner: string, now: number, leaseMs: number): Update => ({
  UpdateExpression:
    "SET leaseOwner = :owner, leaseUntil = :until, dirtySeq = if_not_exists(dirtySeq, :none) + :one, seenSeq = if_not_exists(dirtySeq, :none) + :one ADD fence :one",
  // Free: never held, or released. Expired: the holder's function timed out earlier. Own: this same write succeeded, its
  // response was lost, and the SDK retries it.
  ConditionExpression: "attribute_not_exists(leaseUntil) OR leaseUntil <= :now OR leaseOwner = :owner",
  ExpressionAttributeValues: { ":owner": owner, ":until": now + leaseMs, ":now": now, ":none": 0, ":one": 1 },
});

const toMark = (fence: number): Update => ({
  UpdateExpression: "ADD dirtySeq :one",
  ConditionExpression: "fence = :fence AND attribute_exists(leaseOwner) AND dirtySeq = seenSeq",
  ExpressionAttributeValues: { ":one": 1, ":fence": fence },
});

const toPostpone = ({ replaces, until, now }: Postponement): Update => {
  const isAsRead = replaces === undefined ? "attribute_not_exists(nextWakeAt)" : "nextWakeAt = :replaces";
  return {
    UpdateExpression: "SET nextWakeAt = :until",
    // The last alternative: this same write succeeded, its response was lost, and the SDK retries it.
    ConditionExpression: `leaseUntil <= :now AND (${isAsRead} OR nextWakeAt = :until)`,
    ExpressionAttributeValues: {
      ":until": until,
      ":now": now,
      ...(replaces !== undefined && { ":replaces": replaces }),
    },
  };
};

/** Ends the lease and sets what `set` says; only the lease holder writes these fields, so updates do not conflict. */
const toEndLease = (
  { fence, now, failures, nextWakeAt, wakesSince, wakes }: Abandon,
  set: Readonly<Record<string, number>> = {},
): Update => {
  const fields = { ...set, failures, leaseUntil: 0, endedAt: now, wakesSince, wakes, nextWakeAt };
  const present = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    UpdateExpression: `SET ${present.map(([name]) => `${name} = :${name}`).join(", ")} REMOVE leaseOwner${nextWakeAt === undefined ? ", nextWakeAt" : ""}`,
    // No other worker has taken the lease since.
    ConditionExpression: "fence = :fence",
    ExpressionAttributeValues: {
      ":fence": fence,
      ...Object.fromEntries(present.map(([name, value]) => [`:${name}`, value])),
    },
  };
};

export const createWorkTable = (documents: DynamoDBDocumentClient, tableName: string): WorkTable => {
  const update = async (work: WorkKey, change: Update): Promise<WorkItem | undefined> => {
    const command = new UpdateCommand({
      TableName: tableName,
      Key: itemKey(work),
      ...change,
      ReturnValues: "ALL_NEW",
    });
    try {
      const { Attributes = {} } = await documents.send(command);
      return toItem(Attributes);
    } catch (error) {
      return undefinedIfLostRace(error);
    }
  };

  const read = async (work: WorkKey): Promise<WorkItem | undefined> => {
    const command = new GetCommand({ TableName: tableName, Key: itemKey(work), ConsistentRead: true });
    const { Item } = await documents.send(command);
    return Item && toItem(Item);
  };

  const list = async (kind: ReconcilerKind): Promise<WorkItem[]> => {
    const items: WorkItem[] = [];
    let start: Record<string, unknown> | undefined;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { Items = [], LastEvaluatedKey } = await documents.send(
        new QueryCommand({
          TableName: tableName,
          KeyConditionExpression: "pk = :pk",
          ExpressionAttributeValues: { ":pk": workPartition(kind) },
          ExclusiveStartKey: start,
        }),
      );
      items.push(...Items.map(toItem));
      start = LastEvaluatedKey;
      if (!start) return items;
    }
    throw new Error(`listing the ${kind} keys: more than ${MAX_PAGES} pages`);
  };

  const forget = async (work: WorkKey, { fence, seen }: Pick<Release, "fence" | "seen">) => {
    const command = new DeleteCommand({
      TableName: tableName,
      Key: itemKey(work),
      // Fences start anew with the key's next item, but a function ends long before that item has had as many leases.
      ConditionExpression: "fence = :fence AND dirtySeq = :seen",
      ExpressionAttributeValues: { ":fence": fence, ":seen": seen },
    });
    try {
      await documents.send(command);
      return "done";
    } catch (error) {
      undefinedIfLostRace(error);
      return (await read(work))?.fence === fence ? "marked" : "lost";
    }
  };

  return {
    acquire: (work, owner, now, leaseMs) => update(work, toAcquire(owner, now, leaseMs)),
    mark: async (work, fence) => (await update(work, toMark(fence))) !== undefined,
    postpone: async (work, postponement) => (await update(work, toPostpone(postponement))) !== undefined,
    release: (work, { seen, answeredUntil, ...rest }) =>
      update(work, toEndLease(rest, { doneSeq: seen, lastDoneAt: rest.now, answeredUntil })),
    forget,
    abandon: async (work, rest) => (await update(work, toEndLease(rest))) !== undefined,
    read,
    list,
  };
};
