/**
 * The state of the work queue: one item per key, with a lease, a fencing token that increases with every lease, and two sequence
 * numbers. The key is dirty while `dirtySeq > doneSeq`: it was marked dirty after the last reconcile had begun to observe.
 */
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import type { ReconcilerKind } from "../model/events.ts";
import { undefinedIfLostRace } from "../model/lost-race.ts";
import type { RequeueBudget } from "./requeue-limit.ts";

/** Times in ms since the epoch. */
export interface WorkItem extends RequeueBudget {
  readonly key: string;
  readonly dirtySeq: number;
  readonly doneSeq: number;
  readonly fence: number;
  readonly leaseOwner?: string;
  readonly leaseUntil: number;
  readonly nextWakeAt?: number;
  readonly failures: number;
  readonly lastDoneAt: number;
}

export interface WorkKey {
  readonly kind: ReconcilerKind;
  readonly key: string;
}

export interface Release extends RequeueBudget {
  readonly fence: number;
  /** `dirtySeq` when the reconcile began to observe. */
  readonly seen: number;
  readonly now: number;
  /** Consecutive failures, this reconcile included; 0 after a success. */
  readonly failures: number;
  /** Undefined clears it. */
  readonly nextWakeAt: number | undefined;
}

/** Every method throws the SDK's errors; a lost race is a return value, not an error. */
export interface WorkTable {
  /** Marks the key dirty and returns the updated item. */
  markDirty(work: WorkKey): Promise<WorkItem>;
  /** Takes the lease if it is free or expired; undefined if another worker holds it. `owner` is unique to this lease. */
  acquire(work: WorkKey, owner: string, now: number, leaseMs: number): Promise<WorkItem | undefined>;
  /**
   * Marks the key done and releases the lease. `moved`: the key was marked dirty meanwhile; the lease is kept for another round.
   * `lost`: another worker has taken the lease.
   */
  release(work: WorkKey, release: Release): Promise<"done" | "moved" | "lost">;
  /** Deletes the item of a key whose object is gone. Outcomes as of `release`. */
  forget(work: WorkKey, lease: Pick<Release, "fence" | "seen">): Promise<"done" | "moved" | "lost">;
  /** Releases the lease with the key still dirty. False if another worker has taken the lease. */
  abandon(work: WorkKey, release: Omit<Release, "seen" | "now">): Promise<boolean>;
  read(work: WorkKey): Promise<WorkItem | undefined>;
  /** All keys of a kind. */
  list(kind: ReconcilerKind): Promise<WorkItem[]>;
}

const MAX_PAGES = 100;

const itemKey = ({ kind, key }: WorkKey) => ({ pk: `WORK#${kind}`, sk: key });

const toItem = (item: Record<string, unknown>): WorkItem => ({
  key: String(item.sk),
  dirtySeq: Number(item.dirtySeq ?? 0),
  doneSeq: Number(item.doneSeq ?? 0),
  fence: Number(item.fence ?? 0),
  leaseUntil: Number(item.leaseUntil ?? 0),
  failures: Number(item.failures ?? 0),
  lastDoneAt: Number(item.lastDoneAt ?? 0),
  wakesSince: Number(item.wakesSince ?? 0),
  wakes: Number(item.wakes ?? 0),
  ...(typeof item.leaseOwner === "string" && { leaseOwner: item.leaseOwner }),
  ...(typeof item.nextWakeAt === "number" && { nextWakeAt: item.nextWakeAt }),
});

type Update = Omit<ConstructorParameters<typeof UpdateCommand>[0], "TableName" | "Key" | "ReturnValues">;

/** The fields that `release` and `abandon` both write. Only the lease holder writes them, so updates do not conflict. */
const releaseFields = ({ failures, nextWakeAt, wakesSince, wakes }: Omit<Release, "fence" | "seen" | "now">) => ({
  set: `failures = :failures, leaseUntil = :free, wakesSince = :since, wakes = :wakes${nextWakeAt === undefined ? "" : ", nextWakeAt = :wake"}`,
  remove: `leaseOwner${nextWakeAt === undefined ? ", nextWakeAt" : ""}`,
  values: {
    ":failures": failures,
    ":free": 0,
    ":since": wakesSince,
    ":wakes": wakes,
    ...(nextWakeAt !== undefined && { ":wake": nextWakeAt }),
  },
});

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
          ExpressionAttributeValues: { ":pk": `WORK#${kind}` },
          ExclusiveStartKey: start,
        }),
      );
      items.push(...Items.map(toItem));
      start = LastEvaluatedKey;
      if (!start) return items;
    }
    throw new Error(`listing the ${kind} keys: more than ${MAX_PAGES} pages`);
  };

  const markDirty = async (work: WorkKey): Promise<WorkItem> => {
    const item = await update(work, {
      UpdateExpression: "ADD dirtySeq :one",
      ExpressionAttributeValues: { ":one": 1 },
    });
    if (!item) throw new Error(`marking ${work.kind} ${work.key} dirty: DynamoDB rejected an unconditional write`);
    return item;
  };

  const acquire = (work: WorkKey, owner: string, now: number, leaseMs: number) =>
    update(work, {
      UpdateExpression: "SET leaseOwner = :owner, leaseUntil = :until ADD fence :one",
      // Free: never held, or released. Expired: the holder's function timed out earlier. Own: this same write succeeded, its
      // response was lost, and the SDK retries it.
      ConditionExpression: "attribute_not_exists(leaseUntil) OR leaseUntil <= :now OR leaseOwner = :owner",
      ExpressionAttributeValues: { ":owner": owner, ":until": now + leaseMs, ":now": now, ":one": 1 },
    });

  /** Why a release or a deletion failed. */
  const whyRefused = async (work: WorkKey, fence: number) => ((await read(work))?.fence === fence ? "moved" : "lost");

  const release = async (work: WorkKey, { fence, seen, now, ...rest }: Release) => {
    const { set, remove, values } = releaseFields(rest);
    const released = await update(work, {
      UpdateExpression: `SET doneSeq = :seen, lastDoneAt = :now, ${set} REMOVE ${remove}`,
      // fence: no other worker has taken the lease since. dirtySeq: the key was not marked dirty since this reconcile began to
      // observe.
      ConditionExpression: "fence = :fence AND dirtySeq = :seen",
      ExpressionAttributeValues: { ":fence": fence, ":seen": seen, ":now": now, ...values },
    });
    return released ? "done" : whyRefused(work, fence);
  };

  const forget = async (work: WorkKey, { fence, seen }: Pick<Release, "fence" | "seen">) => {
    const command = new DeleteCommand({
      TableName: tableName,
      Key: itemKey(work),
      // As in `release`. Fences start anew with the key's next item, but a function ends long before that item has had as many leases.
      ConditionExpression: "fence = :fence AND dirtySeq = :seen",
      ExpressionAttributeValues: { ":fence": fence, ":seen": seen },
    });
    try {
      await documents.send(command);
      return "done";
    } catch (error) {
      undefinedIfLostRace(error);
      return whyRefused(work, fence);
    }
  };

  const abandon = async (work: WorkKey, { fence, ...rest }: Omit<Release, "seen" | "now">) => {
    const { set, remove, values } = releaseFields(rest);
    const abandoned = await update(work, {
      UpdateExpression: `SET ${set} REMOVE ${remove}`,
      // fence: no other worker has taken the lease since.
      ConditionExpression: "fence = :fence",
      ExpressionAttributeValues: { ":fence": fence, ...values },
    });
    return abandoned !== undefined;
  };

  return { markDirty, acquire, release, forget, abandon, read, list };
};
