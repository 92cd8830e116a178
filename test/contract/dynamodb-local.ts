/** AWS's DynamoDB Local, in memory, on a free loopback port. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { freePorts } from "./free-ports.ts";
import { startGuarded, waitUntil } from "./guarded-process.ts";

const HOW_TO_GET = "run test/contract/fetch-dynamodb-local.sh, which fetches it with Maven";
const LAUNCHER = join(import.meta.dirname, "DynamoDbLocal.java");
/** Startup takes about 2 s; a busy machine needs longer. */
const START_LIMIT_MS = 60_000;

export interface DynamoDbLocal {
  readonly client: Endpoint;
  stop(): Promise<void>;
}

/** The folder of the jars: `STRATOS_DYNAMODB_LOCAL`, or the script's folder in the user's cache. Throws if they are missing. */
const findJars = (): string => {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const folder = process.env.STRATOS_DYNAMODB_LOCAL || join(cache, "stratos", "dynamodb-local-3.3.1");
  const hasJars = existsSync(folder) && readdirSync(folder).some((name) => /^DynamoDBLocal-.*\.jar$/.test(name));
  if (!hasJars) throw new Error(`there is no DynamoDB Local in ${folder}: ${HOW_TO_GET}`);
  return folder;
};

const requireJava = (): void => {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
  } catch (error) {
    throw new Error("there is no java on the PATH, which DynamoDB Local needs: install a JDK of version 17 or later", {
      cause: error,
    });
  }
};

/** An unsigned request fails with a DynamoDB error, which shows that the server is up. */
const isUp = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(endpoint)).status === 400;
  } catch {
    return false;
  }
};

/** Throws if Java or the jars are missing; the message says how to get them. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  requireJava();
  const jars = findJars();
  const directory = await mkdtemp(join(tmpdir(), "stratos-dynamodb-local-"));
  const [port = 0] = await freePorts(1);
  const client = endpointAt(`http://127.0.0.1:${port}`);
  const options = [`-Djava.library.path=${jars}`, "-Xmx256m", "-cp", join(jars, "*"), LAUNCHER];
  const server = startGuarded(
    "java",
    [...options, "-inMemory", "-disableTelemetry", "-port", String(port)],
    join(directory, "dynamodb-local.log"),
  );
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitUntil("starting DynamoDB Local", START_LIMIT_MS, [server], () => isUp(client.endpoint));
  } catch (error) {
    await stop();
    throw error;
  }
  return { client, stop };
};
