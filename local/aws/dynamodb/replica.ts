/** A second copy of the tables that follows the first one late. */
import type { Clock } from "../../clock.ts";
import type { CloudResponse } from "../gateway/service.ts";
import { call } from "./call.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";
import { createPendingWrites } from "./pending-writes.ts";
import { type Input, type Item, type WrittenItem, writtenItems } from "./written-items.ts";

export interface Lag {
  readonly clock: Pick<Clock, "now">;
  /** Returns seeded values in [0, 1). */
  readonly random: () => number;
  /** How long after a write a read of the index may still return the former value. */
  readonly maxMs: number;
}

/**
 * A write reaches a global secondary index "in a fraction of a second, under normal conditions" (DynamoDB Developer Guide, "Global
 * secondary indexes"), and "within 1 second" (AWS re:Post, "Missing table items in GSI"); the rest is for less normal conditions.
 */
export const USUAL_LAG_MS = 2000;

/** DynamoDB keeps three copies; a read that need not be consistent uses any of them. */
const FROM_A_COPY = 1 / 3;

const READS = new Set(["GetItem", "Query", "Scan", "BatchGetItem"]);

type Request = Parameters<Dynalite["send"]>[0];

export interface Replica {
  createTable(definition: Input): Promise<void>;
  /** Whether this copy answers the call instead of the first one. */
  answers(operation: string, input: Input): boolean;
  /** Answers a read with the writes that have reached this copy by now. */
  read(request: Request): Promise<CloudResponse>;
  /** Notes what the call has written; `updated` is the item that an update returned. */
  follow(operation: string, input: Input, updated?: Item): void;
  stop(): Promise<void>;
}

const isConsistent = (input: Input): boolean =>
  input.ConsistentRead === true ||
  Object.values((input.RequestItems ?? {}) as Record<string, Input>).some(({ ConsistentRead }) => ConsistentRead);

export const createReplica = ({ clock, random, maxMs }: Lag): Replica => {
  const copy = startDynalite();
  const keyNames = new Map<string, readonly string[]>();
  const pending = createPendingWrites();
  let catchingUp = Promise.resolve();

  const apply = async ({ tableName, key, item }: WrittenItem) => {
    if (item) await call(copy, "PutItem", { TableName: tableName, Item: item });
    else await call(copy, "DeleteItem", { TableName: tableName, Key: key });
  };

  /** Applies writes only when somebody reads, because a timer for each would be most of the simulated cloud's timers. */
  const catchUp = (): Promise<void> => {
    const due = pending.takeDue(clock.now());
    catchingUp = catchingUp.then(async () => {
      for (const write of due) await apply(write);
    });
    return catchingUp;
  };

  return {
    createTable: async (definition) => {
      await call(copy, "CreateTable", definition);
      const schema = definition.KeySchema as readonly { readonly AttributeName: string }[];
      keyNames.set(
        String(definition.TableName),
        schema.map(({ AttributeName }) => AttributeName),
      );
    },
    answers: (operation, input) => {
      if (!READS.has(operation) || isConsistent(input)) return false;
      return input.IndexName !== undefined || random() < FROM_A_COPY;
    },
    read: async (request) => {
      await catchUp();
      return copy.send(request);
    },
    follow: (operation, input, updated) => {
      const now = clock.now();
      for (const write of writtenItems(operation, input, updated, (name) => keyNames.get(name)))
        pending.add(write, now, now + random() * maxMs);
    },
    stop: async () => {
      await catchingUp;
      await copy.stop();
    },
  };
};
