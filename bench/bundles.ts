/** What a cold start loads: the size of each bundle, the forwarder's too, and how long a new process takes to import it. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { bundleForwarder } from "../forwarder/bundle.ts";
import { bundleFunctions } from "../infra/bundle.ts";
import { ENV } from "../shared/model/environment.ts";
import { percentiles } from "./percentiles.ts";

const PROCESSES = 15;

const MEASURED =
  "The size of the bundle in bytes (minified, not zipped), and the time of its import() in a new Node process: parsing, evaluating and " +
  `creating the SDK clients, without starting the process. Medians of ${PROCESSES} processes each, one after another, with the bundle in ` +
  "the file cache. importMsCompileCache: with NODE_COMPILE_CACHE filled by an earlier process. importCpuMs: processor time, which " +
  "other programs hardly change, of all threads, without the cache. Measured on this machine, not on Lambda.";

const IMPORT = `
const startedAt = performance.now();
const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ importMs: performance.now() - startedAt, importCpuMs: (user + system) / 1000 }));
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
  // The forwarder's.
  STRATOS_CLUSTER: "my-cluster",
  STRATOS_EVENT_BUS: "stratos",
  STRATOS_NAMESPACE: "stratos-system",
  STRATOS_POD: "bench",
  STRATOS_HTTP_PORT: "0",
};

const run = promisify(execFile);

interface Times {
  readonly importMs: number;
  readonly importCpuMs: number;
}

const importTimes = async (file: string, environment: Readonly<Record<string, string>>): Promise<Times> => {
  const args = ["--input-type=module", "--eval", IMPORT, pathToFileURL(file).href];
  const env = { ...FUNCTION_ENVIRONMENT, ...environment };
  const { stdout } = await run(process.execPath, args, { env, timeout: 30_000 });
  // A bundle may write to stdout while it loads; the times are the last line.
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
};

const median = async (file: string, environment: Readonly<Record<string, string>>): Promise<Times> => {
  const times: Times[] = [];
  for (let count = 0; count < PROCESSES; count += 1) times.push(await importTimes(file, environment));
  const of = (name: keyof Times) => percentiles(times.map((time) => time[name])).p50;
  return { importMs: of("importMs"), importCpuMs: of("importCpuMs") };
};

const measure = async (file: string) => {
  const cache = await mkdtemp(join(tmpdir(), "stratos-bench-"));
  try {
    const uncached = await median(file, { NODE_DISABLE_COMPILE_CACHE: "1" });
    await importTimes(file, { NODE_COMPILE_CACHE: cache });
    const cached = await median(file, { NODE_COMPILE_CACHE: cache });
    return { ...uncached, importMsCompileCache: cached.importMs };
  } finally {
    await rm(cache, { recursive: true, force: true });
  }
};

/** By function name. */
export const benchBundles = async (progress: (line: string) => void) => {
  const functions: Record<string, { bytes: number } & Awaited<ReturnType<typeof measure>>> = {};
  for (const { name, file, bytes } of await bundleFunctions()) {
    progress(`bundles: ${name}`);
    functions[name] = { bytes, ...(await measure(file)) };
  }
  progress("bundles: forwarder");
  const file = await bundleForwarder();
  const forwarder = { bytes: (await stat(file)).size, ...(await measure(file)) };
  return { measured: MEASURED, processes: PROCESSES, functions, forwarder };
};
