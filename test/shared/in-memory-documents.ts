/** The stack's table in memory: the DynamoDB document client that production code gets, with the expressions that it uses. */
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
// As the SDK marshals and unmarshals: nothing is shared, and undefined fields are dropped.
import { copy } from "../../local/kubernetes/api-server/json-value.ts";
import { type Attributes, type ExpressionContext, parseCondition, parseUpdate } from "./dynamodb-expressions.ts";

type Item = Readonly<Attributes>;

/** A write that took effect; `undefined` where there is no item. */
export interface TableWrite {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface InMemoryDocuments {
  readonly client: DynamoDBDocumentClient;
  /** Carries out a command at once; throws what DynamoDB would answer. */
  execute(command: Command): unknown;
  items(): readonly Item[];
  /** Items of a partition, ordered by sort key. */
  partition(pk: string): readonly Item[];
  /** As if the table had been deleted and made again. */
  clear(): void;
  /** Called after each write. */
  onWrite: (write: TableWrite) => void;
}

/** A document client whose commands `send` carries out. The SDK's paginators accept only an instance of its class. */
export const documentClientOf = (send: (command: Command) => Promise<unknown>): DynamoDBDocumentClient =>
  Object.assign(Object.create(DynamoDBDocumentClient.prototype), { send });

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: unknown;
}

interface Input {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Attributes;
}

const contextOf = ({ ExpressionAttributeNames = {}, ExpressionAttributeValues = {} }: Input): ExpressionContext => ({
  names: ExpressionAttributeNames,
  values: ExpressionAttributeValues,
});

const conditionFailed = (): Error =>
  Object.assign(new Error("The conditional request failed"), {
    name: "ConditionalCheckFailedException",
    $fault: "client",
  });

export const createInMemoryDocuments = (): InMemoryDocuments => {
  const partitions = new Map<string, Map<string, Item>>();
  const get = (pk: unknown, sk: unknown): Item | undefined => partitions.get(String(pk))?.get(String(sk));
  const items = () => [...partitions.values()].flatMap((partition) => [...partition.values()]);
  const partition = (pk: string) =>
    [...(partitions.get(pk)?.values() ?? [])].sort((one, other) => (String(one.sk) < String(other.sk) ? -1 : 1));

  const store = (pk: string, sk: string, after: Item | undefined): void => {
    const before = get(pk, sk);
    const found = partitions.get(pk) ?? new Map<string, Item>();
    partitions.set(pk, found);
    if (after) found.set(sk, after);
    else found.delete(sk);
    documents.onWrite({ before, after });
  };

  const check = (input: Input, item: Item | undefined): void => {
    const { ConditionExpression: condition } = input;
    if (condition !== undefined && !parseCondition(condition)(item ?? {}, contextOf(input))) throw conditionFailed();
  };

  const commands: Readonly<Record<string, (input: Input) => unknown>> = {
    GetCommand: ({ Key = {} }) => ({ Item: copy(get(Key.pk, Key.sk)) }),
    PutCommand: (input) => {
      const item = copy(input.Item ?? {});
      check(input, get(item.pk, item.sk));
      store(String(item.pk), String(item.sk), item);
      return {};
    },
    UpdateCommand: (input) => {
      const { Key = {}, UpdateExpression = "" } = input;
      const before = get(Key.pk, Key.sk);
      check(input, before);
      const after = copy(parseUpdate(UpdateExpression)({ ...Key, ...before }, contextOf(input)));
      store(String(Key.pk), String(Key.sk), after);
      return { Attributes: copy(after) };
    },
    DeleteCommand: (input) => {
      const { Key = {} } = input;
      const before = get(Key.pk, Key.sk);
      check(input, before);
      if (before) store(String(Key.pk), String(Key.sk), undefined);
      return {};
    },
    QueryCommand: (input) => {
      const { KeyConditionExpression = "" } = input;
      const pk = input.ExpressionAttributeValues?.[":pk"];
      const matches = parseCondition(KeyConditionExpression);
      const candidates = pk === undefined ? items() : partition(String(pk));
      return { Items: copy(candidates.filter((item) => matches(item, contextOf(input)))) };
    },
  };

  const execute = (command: Command): unknown => {
    const { name } = command.constructor;
    const perform = commands[name];
    if (!perform) throw new Error(`${name} is not simulated`);
    return perform(command.input as Input);
  };

  const documents: InMemoryDocuments = {
    client: documentClientOf(async (command) => execute(command)),
    execute,
    items,
    partition,
    clear: () => partitions.clear(),
    onWrite: () => {},
  };
  return documents;
};
