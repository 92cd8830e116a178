/** Everything that Stratos relies on in DynamoDB, written once for all implementations. */
import { type ConnectTable, describeEngine, type Engine } from "./engine.ts";
import { describeNotes } from "./notes.ts";
import { describeSlots } from "./slots.ts";
import { describeWorkKeys } from "./work-keys.ts";

export const describeDynamoDb = (engine: Engine, connect: ConnectTable): void => {
  for (const suite of [describeEngine, describeSlots, describeNotes, describeWorkKeys]) suite(engine, connect);
};
