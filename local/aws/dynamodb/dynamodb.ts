import {
  ACCOUNT,
  CloudError,
  type CloudRequest,
  type CloudResponse,
  type CloudService,
  REGION,
} from "../gateway/service.ts";
import { call } from "./call.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";
import { createReplica, type Lag, type Replica } from "./replica.ts";
import { type Input, type Item, writtenItems } from "./written-items.ts";

/** CreateTable's input, limited to the properties that CloudFormation's AWS::DynamoDB::Table shares. */
export interface TableDefinition {
  readonly TableName: string;
  readonly [property: string]: unknown;
}

export interface DynamoDb {
  readonly service: CloudService;
  createTable(definition: TableDefinition): Promise<void>;
  /** How many items calls have asked to write, refused conditions included, by what precedes the `#` in the partition key `pk`. */
  writes(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** The kinds of the items that a call asks to write. */
const writtenKinds = (operation: string, input: Input): string[] =>
  writtenItems(operation, input, undefined, () => ["pk"]).map(({ key }) => {
    const { S = "" } = (key.pk ?? {}) as { readonly S?: string };
    return S.split("#")[0] ?? "";
  });

export const tableArn = (name: string) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;

/** The resources that a call reads or writes: a table, one of its indexes, or the tables of a batch. */
const resourcesOf = (input: Input): string[] => {
  if (typeof input.TableName === "string")
    return [tableArn(input.TableName) + (input.IndexName ? `/index/${input.IndexName}` : "")];
  const tables = Object.keys((input.RequestItems ?? {}) as object);
  return tables.length > 0 ? tables.map(tableArn) : ["*"];
};

/** The value of the partition key that a call names, for `dynamodb:LeadingKeys` (DynamoDB Developer Guide, "Using IAM policy conditions"). */
const leadingKeysOf = (input: Input): string[] => {
  const { pk } = (input.Key ?? input.Item ?? {}) as { readonly pk?: { readonly S?: string } };
  const [, placeholder = ""] = /^\s*\w+ = (:\w+)/.exec(String(input.KeyConditionExpression)) ?? [];
  const values = (input.ExpressionAttributeValues ?? {}) as Readonly<Record<string, { readonly S?: string }>>;
  return [pk?.S ?? values[placeholder]?.S ?? []].flat();
};

const fail = (error: CloudError): CloudResponse => {
  const type = error.code === "AccessDenied" ? "AccessDeniedException" : error.code;
  const __type = `com.amazonaws.dynamodb.v20120810#${type}`;
  return {
    status: 400,
    headers: { "content-type": "application/x-amz-json-1.0" },
    body: JSON.stringify({ __type, message: error.message }),
  };
};

/** Sends an update to the first copy. Lets it return the item as it left it even if the caller does not want it: the replica does. */
const update = async (dynalite: Dynalite, replica: Replica, input: Input, request: CloudRequest) => {
  const { ReturnValues: wanted = "NONE" } = input;
  if (wanted !== "NONE" && wanted !== "ALL_NEW")
    throw new CloudError("ValidationException", `The simulated DynamoDB returns no ${wanted} of an update`);
  const body = JSON.stringify({ ...input, ReturnValues: "ALL_NEW" });
  const response = await dynalite.send({ headers: request.headers, body });
  if (response.status !== 200) return response;
  const { Attributes, ...rest } = JSON.parse(response.body.toString()) as { readonly Attributes: Item };
  replica.follow("UpdateItem", input, Attributes);
  return wanted === "ALL_NEW" ? response : { ...response, body: JSON.stringify(rest) };
};

/**
 * DynamoDB on dynalite: without transactions, time to live, or the old item in a failed condition's error. With a lag, indexes and
 * reads that need not be consistent may return former values (DynamoDB Developer Guide, "DynamoDB read consistency").
 */
export const createDynamoDb = (lag?: Lag): DynamoDb => {
  const dynalite = startDynalite();
  const replica = lag && createReplica(lag);
  const writes: Record<string, number> = {};

  const send = async (operation: string, input: Input, request: CloudRequest) => {
    if (!replica) return dynalite.send(request);
    if (replica.answers(operation, input)) return replica.read(request);
    if (operation === "UpdateItem") return update(dynalite, replica, input, request);
    const response = await dynalite.send(request);
    if (response.status === 200) replica.follow(operation, input);
    return response;
  };

  const handle = async (request: CloudRequest): Promise<CloudResponse> => {
    const operation = request.headers["x-amz-target"]?.split(".")[1] ?? "";
    try {
      const input = JSON.parse(request.body.toString() || "{}") as Input;
      request.authorize(`dynamodb:${operation}`, resourcesOf(input), { "dynamodb:LeadingKeys": leadingKeysOf(input) });
      for (const kind of writtenKinds(operation, input)) writes[kind] = (writes[kind] ?? 0) + 1;
      return await send(operation, input, request);
    } catch (error) {
      if (error instanceof CloudError) return fail(error);
      if (error instanceof SyntaxError) return fail(new CloudError("SerializationException", error.message));
      throw error;
    }
  };

  const createTable = async (definition: TableDefinition): Promise<void> => {
    await call(dynalite, "CreateTable", definition);
    await replica?.createTable(definition);
  };

  const stop = async () => {
    await replica?.stop();
    await dynalite.stop();
  };

  return { service: { signingName: "dynamodb", handle }, createTable, writes: () => ({ ...writes }), stop };
};
