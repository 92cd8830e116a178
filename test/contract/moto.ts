/** moto's server, an independent implementation of the AWS APIs, on a free loopback port. */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Endpoint, endpointAt } from "./endpoint.ts";
import { freePorts } from "./free-ports.ts";
import { startGuarded, waitUntil } from "./guarded-process.ts";

const PROGRAM = "moto_server";
const START_LIMIT_MS = 60_000;
/** By default moto launches images and instance types that do not exist. */
const STRICT = ["MOTO_ENABLE_AMI_VALIDATION=true", "MOTO_EC2_ENABLE_INSTANCE_TYPE_VALIDATION=true"];

export interface Moto {
  readonly client: Endpoint;
  stop(): Promise<void>;
}

/** Throws if moto_server is not on the PATH; the message says how to get it. */
export const startMoto = async (): Promise<Moto> => {
  requireMoto();
  const directory = await mkdtemp(join(tmpdir(), "stratos-moto-"));
  const [port = 0] = await freePorts(1);
  const endpoint = `http://127.0.0.1:${port}`;
  const command = [...STRICT, PROGRAM, "-H", "127.0.0.1", "-p", String(port)];
  const server = startGuarded("env", command, join(directory, "moto.log"));
  const stop = async () => {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitUntil("starting moto", START_LIMIT_MS, [server], () => isUp(endpoint));
  } catch (error) {
    await stop();
    throw error;
  }
  return { client: endpointAt(endpoint), stop };
};

const requireMoto = (): void => {
  try {
    execFileSync(PROGRAM, ["--help"], { stdio: "ignore" });
  } catch (error) {
    throw new Error(`there is no ${PROGRAM} on the PATH: pip install "moto[server]==5.2.1"`, { cause: error });
  }
};

const isUp = async (endpoint: string): Promise<boolean> => {
  try {
    return (await fetch(`${endpoint}/moto-api/data.json`)).ok;
  } catch {
    return false;
  }
};
