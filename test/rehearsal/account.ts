/** The account that is deployed into, as its services tell of it. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Clients, createClients, destroyClients } from "../contract/aws/cloud.ts";
import type { Endpoint } from "../contract/endpoint.ts";
import { runAws } from "../contract/run-program.ts";

export interface Account extends Clients {
  readonly dynamodb: DynamoDBClient;
  /** By the AWS CLI, for services that the product has no SDK client of. Throws on an error. */
  cli<T>(...args: string[]): Promise<T>;
  /** The same, asked once only: each call of the CLI takes a second. */
  cliOnce<T>(...args: string[]): Promise<T>;
  close(): void;
}

/** `client` at an address that moto's virtual-hosted buckets can be put before. */
export const openAccount = (client: Endpoint): Account => {
  const clients = createClients(client);
  const dynamodb = new DynamoDBClient(client);
  const cli = async <T>(...args: string[]) => {
    const { code, stdout, stderr } = await runAws(client.endpoint, args);
    if (code !== 0) throw new Error(`aws ${args.join(" ")} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout || "null") as T;
  };
  const answers = new Map<string, Promise<unknown>>();
  const cliOnce = <T>(...args: string[]) => {
    const key = args.join(" ");
    const answer = answers.get(key) ?? cli(...args);
    answers.set(key, answer);
    return answer as Promise<T>;
  };
  return {
    ...clients,
    dynamodb,
    cli,
    cliOnce,
    close: () => {
      destroyClients(clients);
      dynamodb.destroy();
    },
  };
};
