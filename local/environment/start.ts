/** The simulated cloud and cluster, running the synthesized stack: used by `npm start` and the end-to-end tests. */
import { fileURLToPath } from "node:url";
import type { Forwarder } from "../../forwarder/forwarder.ts";
import type { KubeClient } from "../../shared/kube/client.ts";
import { createKubeClient } from "../../shared/kube/http-client.ts";
import type { BaseCloud } from "../aws/cloudformation/base-cloud.ts";
import { deployStack, type Stack } from "../aws/cloudformation/deploy.ts";
import type { StackServices } from "../aws/cloudformation/resource.ts";
import { readAssembly, type Template } from "../aws/cloudformation/template.ts";
import type { Ec2 } from "../aws/ec2/ec2.ts";
import type { Ec2Profile } from "../aws/ec2/profile.ts";
import type { TransitionTimes } from "../aws/ec2/transition-times.ts";
import type { Eks } from "../aws/eks/eks.ts";
import { createTokenAuthenticator } from "../aws/eks/token-authenticator.ts";
import type { EventBridge } from "../aws/eventbridge/event-bridge.ts";
import type { BusFaults } from "../aws/eventbridge/faults.ts";
import { HOME, type Place } from "../aws/gateway/service.ts";
import type { Denial } from "../aws/iam/policy/authorizer.ts";
import { roleArn } from "../aws/iam/policy/roles.ts";
import type { Sqs } from "../aws/sqs/sqs.ts";
import type { VirtualClock } from "../clock.ts";
import type { NodeProfile } from "../kubernetes/kubelet/node-profile.ts";
import type { NetworkProfile } from "../kubernetes/network/network.ts";
import { startCloud } from "./cloud.ts";
import { type ClusterEnvironment, startClusterEnvironment } from "./cluster-environment.ts";
import type { ClusterSide, StartClusterSide } from "./cluster-side.ts";
import { describeWorld } from "./describe-world.ts";
import { type EnvironmentFunctions, viewFunctions } from "./functions.ts";
import { writeKubeconfig } from "./kubeconfig.ts";
import type { Messaging } from "./messaging.ts";
import { seededRandom } from "./random.ts";
import { FORWARDER_USER, runForwarder } from "./run-forwarder.ts";
import { createUntil, type Until } from "./until.ts";

export interface EnvironmentOptions {
  /** The rate of idle time; `Infinity` jumps from timer to timer. */
  readonly speed: number;
  /** The folder that `npm run synth` writes. */
  readonly assembly: string;
  /** `my-cluster` by default, as in the quick start's user data. */
  readonly clusterName?: string;
  /** How the cluster's nodes behave; those of a stock EKS cluster by default. */
  readonly nodes?: NodeProfile;
  /** `usual` by default. */
  readonly messaging?: Messaging;
  /** Of events, in place of those of `messaging`. */
  readonly faults?: BusFaults;
  /** Of the simulated cluster's API server on 127.0.0.1; a free port by default. */
  readonly apiServerPort?: number;
  /** How long a function's connections to AWS and the API server stay open while it is frozen; for ever by default. */
  readonly idleConnectionMs?: number;
  /** The cluster's network plugin; the VPC CNI by default. */
  readonly network?: NetworkProfile;
  /** The same seed reproduces boot times, latencies and faults. */
  readonly seed?: number;
  /** Milliseconds since the epoch; the current time by default. */
  readonly startAt?: number;
  /** How long EC2's state changes take; the measured times by default. */
  readonly transitionTimes?: TransitionTimes;
  /** Where the account differs from the quick start's: its keys, its network, how far its describes lag. */
  readonly account?: Ec2Profile;
  /** Changes the template before deployment; tests use it to remove parts. */
  readonly changeTemplate?: (template: Template) => Template;
  /** A second cluster in another account and region, whose stack is in the assembly. */
  readonly elsewhere?: Place & { readonly clusterName: string };
}

/** The second cluster, with its own EC2, forwarder and stack. */
export interface EnvironmentElsewhere<C extends ClusterSide> {
  readonly kube: C & { readonly client: KubeClient };
  readonly ec2: Ec2;
  readonly stack: Stack;
  readonly forwarder: Forwarder;
  /** AWS calls that the account's IAM denied. */
  denials(): readonly Denial[];
}

export interface Environment<C extends ClusterSide = ClusterEnvironment> {
  readonly clock: VirtualClock;
  /** The value for `AWS_ENDPOINT_URL`; the root user's access key is `test` with the secret `test`. */
  readonly awsUrl: string;
  /** `client` has administrator rights. */
  readonly kube: C & { readonly client: KubeClient };
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly bus: EventBridge;
  readonly sqs: Sqs;
  readonly functions: EnvironmentFunctions;
  /** See `DynamoDb.writes`. */
  tableWrites(): Readonly<Record<string, number>>;
  readonly stack: Stack;
  readonly forwarder: Forwarder;
  readonly elsewhere: EnvironmentElsewhere<C> | undefined;
  /** The forwarder's log, oldest line first. */
  forwarderLogs(): readonly string[];
  readonly until: Until;
  /** Writes a kubeconfig with the administrator's token, readable only by the file's owner. */
  writeKubeconfig(path: string): void;
  /** Stops everything and leaves no thread, port or timer behind. */
  stop(): Promise<void>;
}

const MANIFESTS = fileURLToPath(new URL("../../forwarder/manifests", import.meta.url));

/** Stops the started parts in reverse order. */
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

/** Lets instances with the node role join. Returns whether those with a role may. */
const admitNodeRole = ({ accessEntries, account }: StackServices, clusterName: string) => {
  const principalArn = roleArn("node-role", account);
  // The groups of nodes are reserved by Kubernetes; EKS adds them itself (EKS User Guide, "Create access entries").
  const nodeRole = { principalArn, type: "EC2_LINUX", kubernetesGroups: [], username: undefined };
  accessEntries.create({ ...nodeRole, clusterName });
  return (arn = "") => accessEntries.admitsNodes(clusterName, arn);
};

interface Settled<C extends ClusterSide> {
  readonly kube: C & { readonly client: KubeClient };
  readonly stack: Stack;
  readonly forwarder: Forwarder;
  readonly forwarderLogs: string[];
}

interface Settlement<C extends ClusterSide> {
  readonly options: EnvironmentOptions;
  readonly clusterName: string;
  readonly base: BaseCloud;
  readonly services: StackServices;
  readonly ec2: Ec2;
  readonly stackId: string;
  readonly seed: number;
  /** The bus that the forwarder is told of. */
  readonly bus?: string;
  readonly startClusterSide: StartClusterSide<C>;
  onApiServer(server: C): void;
}

/** Starts a cluster beside its EC2, deploys the stack of its account and region, and starts its forwarder. */
const settle = async <C extends ClusterSide>(settlement: Settlement<C>, stops: Stops): Promise<Settled<C>> => {
  const { options, clusterName, base, services, ec2, stackId, seed, startClusterSide } = settlement;
  const { clock, credentials } = base;
  const awsUrl = base.gateway.url;
  const admitsNodes = admitNodeRole(services, clusterName);
  const { accessEntries } = services;
  const authenticate = createTokenAuthenticator({
    clock,
    credentials,
    accessEntries,
    clusterName,
    endpointUrl: awsUrl,
  });
  const kube = await startClusterSide({
    awsUrl,
    authenticate,
    admitsNodes,
    apiServerPort: options.apiServerPort,
    idleConnectionMs: options.idleConnectionMs,
    clock,
    clusterName,
    nodes: options.nodes,
    machines: ec2.machines,
    network: networkOf(options),
    random: seededRandom(seed + 2),
  });
  settlement.onApiServer(kube);
  stops.add(kube.stop);
  const { url, caPem, adminToken } = kube;
  const client = createKubeClient({ endpoint: url, ca: caPem, token: async () => adminToken });

  const assembly = readAssembly(options.assembly, stackId);
  const template = options.changeTemplate?.(assembly.template) ?? assembly.template;
  const stack = await deployStack({ ...assembly, template }, services);
  stops.add(stack.stop);
  await kube.install(MANIFESTS);

  const forwarderLogs: string[] = [];
  const forwarder = runForwarder({
    clock,
    credentials,
    podIdentities: services.podIdentities,
    account: services.account,
    bus: settlement.bus,
    awsUrl,
    kubeconfig: { clusterName, url, caPem, token: await kube.issueToken(FORWARDER_USER) },
    random: seededRandom(seed + 3),
    onLog: (line) => void forwarderLogs.push(line),
  });
  stops.add(forwarder.stop);
  await forwarder.ready;
  return { kube: { ...kube, client }, stack, forwarder, forwarderLogs };
};

/** EKS installs the VPC CNI unless told otherwise ("Amazon VPC CNI", Amazon EKS User Guide). */
const networkOf = ({ network = "vpc-cni" }: EnvironmentOptions): NetworkProfile => network;

const BUS_ARN = `arn:aws:events:${HOME.region}:${HOME.account}:event-bus/stratos`;

const start = async <C extends ClusterSide>(
  options: EnvironmentOptions,
  startClusterSide: StartClusterSide<C>,
  stops: Stops,
): Promise<Environment<C>> => {
  const { clusterName = "my-cluster", seed = 1, elsewhere: other } = options;
  const apiServers: ClusterSide[] = [];
  const { base, at } = await startCloud({
    ...options,
    account: { networkPlugin: networkOf(options).startsWith("vpc-cni") ? "vpc-cni" : "overlay", ...options.account },
    seed,
    clusters: [
      { name: clusterName, place: HOME, apiServer: () => apiServers[0] },
      ...(other ? [{ name: other.clusterName, place: other, apiServer: () => apiServers[1] }] : []),
    ],
  });
  stops.add(base.stop);
  const { clock, services } = base;
  const { ec2, eks } = at(HOME);
  const common = { options, base, startClusterSide, onApiServer: (server: C) => void apiServers.push(server) };
  const home = await settle({ ...common, clusterName, services, ec2, stackId: "Stratos", seed }, stops);
  const { kube, stack, forwarder, forwarderLogs } = home;

  const functions = viewFunctions(stack.resources("AWS::Lambda::Function"), services);
  const { sqs } = services;
  const world = {
    store: kube.store,
    machines: ec2.machines,
    functions,
    sqs,
    stack,
    forwarderLogs,
    crashes: base.crashes(),
  };
  const { url, caPem, adminToken } = kube;
  return {
    clock,
    awsUrl: base.gateway.url,
    kube,
    ec2,
    eks,
    bus: services.events,
    sqs,
    functions,
    tableWrites: services.dynamodb.writes,
    stack,
    forwarder,
    elsewhere: other && (await settleElsewhere({ ...common, base, at, other, seed }, stops)),
    forwarderLogs: () => forwarderLogs,
    until: createUntil(clock, () => describeWorld(world)),
    writeKubeconfig: (path) => writeKubeconfig(path, { clusterName, url, caPem, token: adminToken }),
    stop: stops.run,
  };
};

interface SettlementElsewhere<C extends ClusterSide>
  extends Pick<Settlement<C>, "options" | "base" | "seed" | "startClusterSide"> {
  readonly other: Place & { readonly clusterName: string };
  at(place: Place): { readonly ec2: Ec2 };
  onApiServer(server: C): void;
}

const settleElsewhere = async <C extends ClusterSide>(
  { other, at, ...common }: SettlementElsewhere<C>,
  stops: Stops,
): Promise<EnvironmentElsewhere<C>> => {
  const { elsewhere: services } = common.base;
  if (!services) throw new Error("the cloud has no other account");
  const { ec2 } = at(other);
  const stackId = `Stratos-${other.account}-${other.region}`;
  const options = { ...common.options, apiServerPort: undefined };
  const place = { clusterName: other.clusterName, services, ec2, stackId, bus: BUS_ARN, seed: common.seed + 10 };
  const { kube, stack, forwarder } = await settle({ ...common, ...place, options }, stops);
  return { kube, ec2, stack, forwarder, denials: services.authorizer.denials };
};

/** Starts everything with the given kind of cluster; if a part fails to start, stops the parts already started. */
export const startWithCluster = async <C extends ClusterSide>(
  options: EnvironmentOptions,
  startClusterSide: StartClusterSide<C>,
): Promise<Environment<C>> => {
  const stops = createStops();
  try {
    return await start(options, startClusterSide, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
};

/** Starts everything with the simulated cluster. */
export const startEnvironment = (options: EnvironmentOptions): Promise<Environment> =>
  startWithCluster(options, startClusterEnvironment);
