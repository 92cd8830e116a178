/** Clients for the account of the rehearsal. */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { type Clients, createClients, destroyClients } from "../contract/aws/cloud.ts";
import type { Endpoint } from "../contract/endpoint.ts";
import { runAws } from "../contract/run-program.ts";

export interface Account extends Clients {
  readonly dynamodb: DynamoDBClient;
  /** Runs the AWS CLI, for services that Stratos has no SDK client for. Throws on an error. */
  cli<T>(...args: string[]): Promise<T>;
  /** The same with a cache, because each call of the CLI takes a second. */
  cliOnce<T>(...args: string[]): Promise<T>;
  close(): void;
}

/** `client` needs a host name that moto's virtual-hosted bucket names can be prepended to. */
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
