/** An item of DynamoDB's protocol. */
export type Item = Readonly<Record<string, unknown>>;

export interface WrittenKey {
  readonly tableName: string;
  readonly key: Item;
}

export type Input = Readonly<Record<string, unknown>>;

interface BatchRequest {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}

const keyOf = (item: Item, names: readonly string[]): Item =>
  Object.fromEntries(names.map((name) => [name, item[name]]));

/** The keys of the items that a call writes. `keyNames` returns the names of a table's key attributes; none if it is unknown. */
export const writtenKeys = (
  operation: string,
  input: Input,
  keyNames: (tableName: string) => readonly string[] | undefined,
): WrittenKey[] => {
  const written = (tableName: string, item: unknown): WrittenKey[] => {
    const names = keyNames(tableName);
    return names && item ? [{ tableName, key: keyOf(item as Item, names) }] : [];
  };
  const tableName = String(input.TableName);
  if (operation === "PutItem") return written(tableName, input.Item);
  if (operation === "UpdateItem" || operation === "DeleteItem") return written(tableName, input.Key);
  if (operation !== "BatchWriteItem") return [];
  return Object.entries((input.RequestItems ?? {}) as Record<string, readonly BatchRequest[]>).flatMap(
    ([name, requests]) =>
      requests.flatMap(({ PutRequest, DeleteRequest }) => written(name, PutRequest?.Item ?? DeleteRequest?.Key)),
  );
};
