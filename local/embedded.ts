/** The embedded cloud and cluster, running the synthesized stack: what `npm start` shows and the end-to-end tests use. */
import { fileURLToPath } from "node:url";
import type { Forwarder } from "../forwarder/forwarder.ts";
import type { KubeClient } from "../shared/kube/client.ts";
import { createKubeClient } from "../shared/kube/http-client.ts";
import type { EmbeddedClock } from "./clock.ts";
import { createTokenAuthenticator } from "./cloud/eks/token-authenticator.ts";
import { startCluster } from "./cluster/cluster.ts";
import type { Ec2 } from "./ec2/ec2.ts";
import { startCloud } from "./embedded/cloud.ts";
import { describeWorld } from "./embedded/describe-world.ts";
import { type EmbeddedFunctions, viewFunctions } from "./embedded/functions.ts";
import { writeKubeconfig } from "./embedded/kubeconfig.ts";
import { createObjects, readManifests } from "./embedded/manifests.ts";
import { seededRandom } from "./embedded/random.ts";
import { FORWARDER_USER, runForwarder } from "./embedded/run-forwarder.ts";
import { createUntil, type Until } from "./embedded/until.ts";
import type { EventBridge } from "./events/event-bridge.ts";
import type { BusFaults } from "./events/faults.ts";
import { type ApiServer, startApiServer } from "./kube/start-api-server.ts";
import type { Sqs } from "./sqs/sqs.ts";
import { deployStack, type Stack } from "./stack/deploy.ts";
import { readAssembly, type Template } from "./stack/template.ts";

export interface EmbeddedOptions {
  /** How fast idle time passes; `Infinity` jumps from timer to timer. */
  readonly speed: number;
  /** The folder that `npm run synth` wrote. */
  readonly assembly: string;
  /** `my-cluster`, as in the quick start's user data, if absent. */
  readonly clusterName?: string;
  readonly faults?: BusFaults;
  /** The same seed gives the same boot times, latencies and faults. */
  readonly seed?: number;
  /** Milliseconds since the epoch; now, if absent. */
  readonly startAt?: number;
  /** Changes the template before it is deployed, as tests do to see what comes of a missing part. */
  readonly changeTemplate?: (template: Template) => Template;
}

export interface Embedded {
  readonly clock: EmbeddedClock;
  /** What `AWS_ENDPOINT_URL` must be; the account's own user is `test` with the secret `test`. */
  readonly awsUrl: string;
  /** `client` is the administrator's. */
  readonly kube: ApiServer & { readonly client: KubeClient };
  readonly ec2: Ec2;
  readonly bus: EventBridge;
  readonly sqs: Sqs;
  readonly functions: EmbeddedFunctions;
  readonly stack: Stack;
  readonly forwarder: Forwarder;
  /** The forwarder's log, oldest line first. */
  forwarderLogs(): readonly string[];
  readonly until: Until;
  /** With the administrator's token; only the file's owner can read it. */
  writeKubeconfig(path: string): void;
  /** Leaves no thread, port or timer. */
  stop(): Promise<void>;
}

const MANIFESTS = fileURLToPath(new URL("../forwarder/manifests", import.meta.url));
/** The forwarder runs in this process instead of as a pod: nothing here pulls images. */
const LEFT_OUT = ["Deployment"];

/** Undoes what was started, the latest first. */
const createStops = () => {
  const stops: (() => unknown)[] = [];
  return {
    add: (stop: () => unknown) => void stops.push(stop),
    run: async () => {
      for (let stop = stops.pop(); stop; stop = stops.pop()) await stop();
    },
  };
};

type Stops = ReturnType<typeof createStops>;

const start = async (options: EmbeddedOptions, stops: Stops): Promise<Embedded> => {
  const { clusterName = "my-cluster", seed = 1 } = options;
  let apiServer: ApiServer | undefined;
  const { base, ec2 } = await startCloud({ ...options, seed, clusterName, apiServer: () => apiServer });
  stops.add(base.stop);
  const { clock, credentials, services } = base;

  const { accessEntries } = services;
  const endpointUrl = base.front.url;
  const authenticate = createTokenAuthenticator({ clock, credentials, accessEntries, clusterName, endpointUrl });
  const kube = await startApiServer({ clock, authenticate });
  apiServer = kube;
  stops.add(kube.stop);
  const { store, url, caPem, adminToken } = kube;
  const client = createKubeClient({ endpoint: url, ca: caPem, token: async () => adminToken });
  const cluster = startCluster({ clock, store, machines: ec2.machines, clusterName, random: seededRandom(seed + 2) });
  stops.add(cluster.stop);

  const assembly = readAssembly(options.assembly);
  const template = options.changeTemplate?.(assembly.template) ?? assembly.template;
  const stack = await deployStack({ ...assembly, template }, services);
  stops.add(stack.stop);
  await createObjects(client, readManifests(MANIFESTS), LEFT_OUT);

  const forwarderLogs: string[] = [];
  const forwarder = runForwarder({
    clock,
    credentials,
    podIdentities: services.podIdentities,
    awsUrl: base.front.url,
    kubeconfig: { clusterName, url, caPem, token: kube.issueToken(FORWARDER_USER) },
    random: seededRandom(seed + 3),
    onLog: (line) => void forwarderLogs.push(line),
  });
  stops.add(forwarder.stop);
  await forwarder.ready;

  const functions = viewFunctions(stack.resources("AWS::Lambda::Function"), services);
  const { sqs } = services;
  const world = { store, machines: ec2.machines, functions, sqs, stack, forwarderLogs, crashes: base.crashes() };
  return {
    clock,
    awsUrl: base.front.url,
    kube: { ...kube, client },
    ec2,
    bus: services.events,
    sqs,
    functions,
    stack,
    forwarder,
    forwarderLogs: () => forwarderLogs,
    until: createUntil(clock, () => describeWorld(world)),
    writeKubeconfig: (path) => writeKubeconfig(path, { clusterName, url, caPem, token: adminToken }),
    stop: stops.run,
  };
};

/** Starts everything; whatever was started is stopped again if a part of it fails. */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  const stops = createStops();
  try {
    return await start(options, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
};
