/** A second copy of the tables that follows the first one late. */
import type { Clock } from "../../clock.ts";
import { call } from "./call.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";
import { type Input, type Item, type WrittenKey, writtenKeys } from "./written-keys.ts";

export interface Lag {
  readonly clock: Clock;
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

export interface Replica {
  createTable(definition: Input): Promise<void>;
  /** Whether this copy answers the call instead of the first one. */
  answers(operation: string, input: Input): boolean;
  send: Dynalite["send"];
  /** Copies what the call has written, after a while. */
  follow(operation: string, input: Input): void;
  stop(): Promise<void>;
}

const isConsistent = (input: Input): boolean =>
  input.ConsistentRead === true ||
  Object.values((input.RequestItems ?? {}) as Record<string, Input>).some(({ ConsistentRead }) => ConsistentRead);

export const createReplica = (primary: Dynalite, { clock, random, maxMs }: Lag): Replica => {
  const copy = startDynalite();
  const keyNames = new Map<string, readonly string[]>();
  let copying = Promise.resolve();

  const catchUp = async ({ tableName, key }: WrittenKey) => {
    const wanted = { TableName: tableName, Key: key, ConsistentRead: true };
    const { Item: item } = await call<{ Item?: Item }>(primary, "GetItem", wanted);
    if (item) await call(copy, "PutItem", { TableName: tableName, Item: item });
    else await call(copy, "DeleteItem", { TableName: tableName, Key: key });
  };

  const follow = (written: WrittenKey) =>
    clock.after(random() * maxMs, () => {
      copying = clock.busy(() => copying.then(() => catchUp(written)));
    });

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
    send: copy.send,
    follow: (operation, input) => {
      for (const written of writtenKeys(operation, input, (name) => keyNames.get(name))) follow(written);
    },
    stop: async () => {
      await copying;
      await copy.stop();
    },
  };
};
