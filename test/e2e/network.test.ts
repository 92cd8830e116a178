/** Each kind of user data, the main job and warmups by the controller, on each network plugin with its chart's defaults. */
import { expect, it } from "vitest";
import type { Environment, EnvironmentOptions } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import type { NetworkProfile } from "../../local/kubernetes/network/network.ts";
import {
  apply,
  burstOf,
  type Condition,
  callsOf,
  eventsOf,
  example,
  MINUTE,
  type NodeObject,
  ONE_INSTANCE,
  type PodObject,
  pool,
  QUICK_TO_STOP,
  quickStartWith,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const PLUGINS = ["aws-node", "cilium", "calico-node"];
const SECOND = 1_000;

const isReady = (object: { status?: object }): boolean =>
  ((object.status as { conditions?: Condition[] } | undefined)?.conditions ?? []).some(
    ({ type, status }) => type === "Ready" && status === "True",
  );

const isOpen = ({ metadata, spec }: NodeObject): boolean =>
  metadata.labels?.["stratos.sh/state"] === "running" &&
  !spec.unschedulable &&
  !spec.taints?.some(({ key }) => key === "stratos.sh/not-ready");

/** For each node that is opened: how long after its network plugin's pod, or without one the node, was Ready, in ms; 0 if before. */
const watchOpenings = ({ kube, clock }: Environment, hasPlugin: boolean): number[] => {
  const readyAt = new Map<string, number>();
  const opened = new Set<string>();
  const delays: number[] = [];
  const onReady = (node: string, ready: boolean): void => {
    if (!ready) readyAt.delete(node);
    else if (!readyAt.has(node)) readyAt.set(node, clock.now());
  };
  kube.store.subscribe("pods", ({ object }) => {
    const pod = object as PodObject;
    const owner = pod.metadata.ownerReferences?.[0]?.name ?? "";
    if (hasPlugin && PLUGINS.includes(owner) && pod.spec.nodeName) onReady(pod.spec.nodeName, isReady(pod));
  });
  kube.store.subscribe("nodes", ({ object }) => {
    const node = object as NodeObject;
    const { name } = node.metadata;
    if (!hasPlugin) onReady(name, isReady(node));
    if (!isOpen(node)) opened.delete(name);
    else if (!opened.has(name)) {
      opened.add(name);
      delays.push(clock.now() - (readyAt.get(name) ?? clock.now()));
    }
  });
  return delays;
};

/** A pod that runs only on nodes of the pool `bottlerocket`. */
const rocket: KubeObject[] = JSON.parse(
  JSON.stringify(burstOf(1))
    .replaceAll('"burst"', '"rocket"')
    .replace('"stratos.sh/pool":"workers"', '"stratos.sh/pool":"bottlerocket"'),
);

const rocketRuns = ({ kube }: Environment): boolean =>
  kube.store
    .list<PodObject>("pods", "default")
    .some(({ metadata, status }) => metadata.labels?.app === "rocket" && status?.phase === "Running");

/** Pools of one instance that powers itself off, or that the controller stops; with the quick start's, one for each kind of user data. */
const otherPools = (spec: object): KubeObject[] =>
  ["al2", "al2023", "bottlerocket"]
    .flatMap((name) => example(`${name}/nodes.yaml`))
    .map((object) =>
      object.kind === "NodePool" ? { ...object, spec: { ...(object.spec as object), ...spec } } : object,
    );

const POOLS = ["al2", "al2023", "bottlerocket", "workers"];

const NETWORKS: readonly (readonly [NetworkProfile, EnvironmentOptions["account"]])[] = [
  ["vpc-cni", {}],
  ["vpc-cni+agent", {}],
  ["cilium", { hostnames: "resource-name", dnsDomain: "nodes.example.com", ipv6: "onLaunch" }],
  ["calico", {}],
  // A plugin that reports nothing.
  ["none", { hostnames: "resource-name", ipv6: "onRequest" }],
];

it.each(NETWORKS)(
  "%s: every kind of warmup ends, and each start opens its node within two seconds of its network",
  async (network, account) => {
    // Messages that are late by seconds would hide how long the network takes.
    const environment = await startStratos({ network, account, messaging: "exact" });
    const quick = { ...QUICK_TO_STOP, ...ONE_INSTANCE, reconciliationInterval: "5m" };
    await apply(environment, [...otherPools(quick), ...quickStartWith(quick)]);
    const untilWarm = (withinMs: number) =>
      environment.until(
        "all instances are standby",
        () => POOLS.every((name) => pool(environment, name)?.status?.standby === 1),
        { withinMs },
      );
    await untilWarm(3 * MINUTE);
    // Long enough for what a cluster does to nodes that are down, such as Cilium's taint.
    await environment.clock.sleep(2 * MINUTE);
    const delays = watchOpenings(environment, network !== "none");
    // Two starts of one node: what a plugin reports may differ from the second on.
    const endRound = async () => {
      await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
      await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/rocket");
      await untilWarm(20 * MINUTE);
      await environment.clock.sleep(2 * MINUTE);
    };
    for (const round of [1, 2]) {
      if (round > 1) await endRound();
      await apply(environment, [...burstOf(1), ...rocket]);
      await untilRunning(environment, 1);
      await environment.until("the pod on Bottlerocket runs", () => rocketRuns(environment), { withinMs: 2 * MINUTE });
      expect(delays).toHaveLength(2 * round);
    }
    // A cold start may be among them.
    expect(Math.max(...delays)).toBeLessThan(2 * SECOND);
    for (const reason of ["NetworkNotReady", "WarmupFailed", "StartTimeout"])
      expect(eventsOf(environment, reason)).toEqual([]);
    expect(callsOf(environment, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(4);
  },
);
