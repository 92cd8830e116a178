/** What a cold start loads: the size of each function's bundle, and how long a new process takes to import it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { bundleFunctions } from "../infra/bundle.ts";
import { ENV } from "../shared/model/environment.ts";
import { percentiles } from "./percentiles.ts";

const PROCESSES = 15;

const MEASURED =
  "The size of the bundle in bytes (minified, not zipped), and the time of its import() in a new Node process: parsing, evaluating and " +
  `creating the SDK clients, without starting the process. Medians of ${PROCESSES} processes each, one after another, with the bundle in ` +
  "the file cache. importMsCompileCache: with NODE_COMPILE_CACHE filled by an earlier process. Measured on this machine, not on Lambda.";

const IMPORT = `
const startedAt = performance.now();
await import(process.argv[1]);
console.log(performance.now() - startedAt);
process.exit(0);
`;

/** The environment that the handlers need at cold start. Nothing is called. */
const FUNCTION_ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
  [ENV.tableName]: "stratos",
  [ENV.clusters]: JSON.stringify([{ name: "my-cluster" }]),
  [ENV.demandQueueUrl]: "http://127.0.0.1/demand",
  [ENV.poolQueueUrl]: "http://127.0.0.1/pool",
  [ENV.nodeClassQueueUrl]: "http://127.0.0.1/nodeclass",
};

const run = promisify(execFile);

const importMs = async (file: string, environment: Readonly<Record<string, string>>): Promise<number> => {
  const args = ["--input-type=module", "--eval", IMPORT, pathToFileURL(file).href];
  const env = { ...FUNCTION_ENVIRONMENT, ...environment };
  const { stdout } = await run(process.execPath, args, { env, timeout: 30_000 });
  // A bundle may write to stdout while it loads; the time is the last line.
  return Number(stdout.trim().split("\n").at(-1));
};

const median = async (file: string, environment: Readonly<Record<string, string>>): Promise<number> => {
  const times: number[] = [];
  for (let count = 0; count < PROCESSES; count += 1) times.push(await importMs(file, environment));
  return percentiles(times).p50;
};

const measure = async (file: string) => {
  const cache = await mkdtemp(join(tmpdir(), "stratos-bench-"));
  try {
    const importTime = await median(file, { NODE_DISABLE_COMPILE_CACHE: "1" });
    await importMs(file, { NODE_COMPILE_CACHE: cache });
    return { importMs: importTime, importMsCompileCache: await median(file, { NODE_COMPILE_CACHE: cache }) };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
};

/** By function name. */
export const benchBundles = async (progress: (line: string) => void) => {
  const functions: Record<string, { bytes: number; importMs: number; importMsCompileCache: number }> = {};
  for (const { name, file, bytes } of await bundleFunctions()) {
    progress(`bundles: ${name}`);
    functions[name] = { bytes, ...(await measure(file)) };
  }
  return { measured: MEASURED, processes: PROCESSES, functions };
};
