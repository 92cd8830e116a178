/** An item of DynamoDB's protocol. */
export type Item = Readonly<Record<string, unknown>>;

export interface WrittenItem {
  readonly tableName: string;
  readonly key: Item;
  /** As the call left it; undefined if it was deleted. */
  readonly item: Item | undefined;
}

export type Input = Readonly<Record<string, unknown>>;

interface BatchRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

const keyOf = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.map((name) => [name, item[name]]));

/**
 * The items that a call has written. `updated` is the item that an update returned; `keyNames` returns the names of a table's key
 * attributes, none if it is unknown.
 */
export const writtenItems = (
  operation: string,
  input: Input,
  updated: Item | undefined,
  keyNames: (tableName: string) => readonly string[] | undefined,
): WrittenItem[] => {
  const written = (tableName: string, named: unknown, item: unknown): WrittenItem[] => {
    const names = keyNames(tableName);
    return names && named ? [{ tableName, key: keyOf(named as Item, names), item: item as Item | undefined }] : [];
  };
  const tableName = String(input.TableName);
  if (operation === "PutItem") return written(tableName, input.Item, input.Item);
  if (operation === "UpdateItem") return written(tableName, input.Key, updated);
  if (operation === "DeleteItem") return written(tableName, input.Key, undefined);
  if (operation !== "BatchWriteItem") return [];
  return Object.entries((input.RequestItems ?? {}) as Record<string, readonly BatchRequest[]>).flatMap(
    ([name, requests]) =>
      requests.flatMap(({ PutRequest, DeleteRequest }) =>
        written(name, PutRequest?.Item ?? DeleteRequest?.Key, PutRequest?.Item),
      ),
  );
};
