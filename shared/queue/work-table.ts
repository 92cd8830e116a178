/**
 * The truth of the work queue: one item a key, with a lease, a fence that rises with every turn, and two sequence numbers. The
 * key is dirty while `dirtySeq > doneSeq`: someone rang after the last turn had begun to look.
 */
import { type DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { ReconcilerKind } from "../model/events.ts";
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
  /** `dirtySeq` as it was when the turn began to look. */
  readonly seen: number;
  readonly now: number;
  /** Consecutive failures, this turn included; 0 after a success. */
  readonly failures: number;
  /** Undefined clears it. */
  readonly nextWakeAt: number | undefined;
}

/** Every method throws the SDK's errors; a lost race is an answer. */
export interface WorkTable {
  /** Marks the key as wanting a look; the item as it is afterwards. */
  markDirty(work: WorkKey): Promise<WorkItem>;
  /** Takes the lease if it is free or has expired; undefined if another holds it. `owner` names this one turn. */
  acquire(work: WorkKey, owner: string, now: number, leaseMs: number): Promise<WorkItem | undefined>;
  /** Ends the turn. `moved`: someone rang meanwhile, and the lease is kept for another round. `lost`: it is another's by now. */
  release(work: WorkKey, release: Release): Promise<"done" | "moved" | "lost">;
  /** Gives the lease up without having done what was rung for. False if it is another's by now. */
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

const lostRace = (error: unknown): undefined => {
  if (error instanceof Error && error.name === "ConditionalCheckFailedException") return undefined;
  throw error;
};

type Update = Omit<ConstructorParameters<typeof UpdateCommand>[0], "TableName" | "Key" | "ReturnValues">;

/** What every end of a turn writes. Only the lease's holder writes these, so that none of it is lost to another. */
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
      return lostRace(error);
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
    if (!item) throw new Error(`ringing ${work.kind} ${work.key}: an unconditional write was refused`);
    return item;
  };

  const acquire = (work: WorkKey, owner: string, now: number, leaseMs: number) =>
    update(work, {
      UpdateExpression: "SET leaseOwner = :owner, leaseUntil = :until ADD fence :one",
      // Free: never held or given back. Expired: its holder's function has timed out before. Mine: this very write
      // succeeded, its answer was lost, and the SDK repeats it.
      ConditionExpression: "attribute_not_exists(leaseUntil) OR leaseUntil <= :now OR leaseOwner = :owner",
      ExpressionAttributeValues: { ":owner": owner, ":until": now + leaseMs, ":now": now, ":one": 1 },
    });

  const release = async (work: WorkKey, { fence, seen, now, ...rest }: Release) => {
    const { set, remove, values } = releaseFields(rest);
    const released = await update(work, {
      UpdateExpression: `SET doneSeq = :seen, lastDoneAt = :now, ${set} REMOVE ${remove}`,
      // Mine: no one has taken the lease since. Seen: no one has rung since this turn began to look.
      ConditionExpression: "fence = :fence AND dirtySeq = :seen",
      ExpressionAttributeValues: { ":fence": fence, ":seen": seen, ":now": now, ...values },
    });
    if (released) return "done";
    return (await read(work))?.fence === fence ? "moved" : "lost";
  };

  const abandon = async (work: WorkKey, { fence, ...rest }: Omit<Release, "seen" | "now">) => {
    const { set, remove, values } = releaseFields(rest);
    const abandoned = await update(work, {
      UpdateExpression: `SET ${set} REMOVE ${remove}`,
      // Mine: no one has taken the lease since.
      ConditionExpression: "fence = :fence",
      ExpressionAttributeValues: { ":fence": fence, ...values },
    });
    return abandoned !== undefined;
  };

  return { markDirty, acquire, release, abandon, read, list };
};
