/** A world in which everybody acts at any time: a scheduler, controllers, people, EC2, and functions that crash or run late. */
import fc from "fast-check";
import { paths } from "../../../shared/kube/paths.ts";
import type { InstanceState } from "../../../shared/model/ec2.ts";
import { isReady, type KubeNode, type KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { LABEL } from "../../../shared/model/names.ts";
import { somebody, tolerateAllPod } from "./actors.ts";
import { LIVING } from "./fake-ec2.ts";
import type { Interruption } from "./interruptions.ts";
import { deniedByWebhook } from "./kube-errors.ts";
import { addPendingPod, bindPod, CLUSTER, type World, warmedUp } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Pods of a node object that is gone are deleted after this (kubernetes, pkg/controller/podgc, quarantineTime). */
const QUARANTINE_MS = 40 * SECOND;

export interface HostileWorld {
  readonly world: World;
  /** Pods that their controllers want to exist. */
  readonly wanted: Set<string>;
  /** Nodes that a person has cordoned, and those that lost their pool's label. */
  readonly cordoned: Set<string>;
  readonly relabelled: Set<string>;
  /** A pod that tolerates everything, which the scheduler binds to the same node each time. */
  tolerant: ReturnType<typeof tolerateAllPod> | undefined;
  /** Since when a pod has had no node object. */
  readonly homeless: Map<string, number>;
}

export const createHostileWorld = async (): Promise<HostileWorld> => ({
  world: await warmedUp({ subnets: 2, spec: { poolSize: 4, minStandby: 2 } }),
  wanted: new Set(),
  cordoned: new Set(),
  relabelled: new Set(),
  tolerant: undefined,
  homeless: new Map(),
});

export const podPath = (name: string) => paths.pod("default", name);
const podsOf = ({ kube }: World) => kube.in<KubePod>(paths.pods());
const nodesOf = ({ kube }: World) => kube.in<KubeNode>(paths.nodes());
const isOpen = (node: KubeNode): boolean =>
  isReady(node) && !node.spec?.unschedulable && !node.spec?.taints?.some(({ effect }) => effect !== "PreferNoSchedule");

/** What Kubernetes does meanwhile: controllers recreate pods, the scheduler binds them, the garbage collector deletes the homeless. */
const runCluster = ({ world, wanted, homeless, tolerant }: HostileWorld): void => {
  tolerant?.replace();
  for (const name of wanted) {
    if (world.kube.at(podPath(name))) continue;
    addPendingPod(world, name, "1500m");
    world.kube.change(podPath(name), {
      metadata: {
        creationTimestamp: new Date(world.now()).toISOString(),
        ownerReferences: [{ kind: "ReplicaSet", name: "set", controller: true }],
      },
    });
  }
  // The cloud-controller-manager deletes the nodes of instances that are gone (kubernetes/cloud-provider, node_lifecycle_controller).
  for (const { metadata, spec } of nodesOf(world)) {
    const { state = "terminated" } = world.ec2.instances.get(spec?.providerID?.split("/").at(-1) ?? "") ?? {};
    if (state === "terminated") world.kube.objects.delete(paths.node(metadata.name));
  }
  const nodes = new Map(nodesOf(world).map((node) => [node.metadata.name, node]));
  for (const { metadata, spec } of podsOf(world)) {
    const isHomeless = spec.nodeName !== undefined && !nodes.has(spec.nodeName);
    const since = isHomeless ? (homeless.get(metadata.name) ?? world.now()) : undefined;
    if (since === undefined) homeless.delete(metadata.name);
    else homeless.set(metadata.name, since);
    if (since !== undefined && world.now() - since >= QUARANTINE_MS) world.kube.objects.delete(podPath(metadata.name));
  }
  const taken = new Set(podsOf(world).flatMap(({ spec }) => spec.nodeName ?? []));
  for (const { metadata, spec } of podsOf(world)) {
    if (spec.nodeName !== undefined) continue;
    const node = [...nodes.values()].find((one) => isOpen(one) && !taken.has(one.metadata.name));
    if (!node) continue;
    taken.add(node.metadata.name);
    bindPod(world, metadata.name, node.metadata.name);
  }
};

export const pass = (hostile: HostileWorld, ms: number): void => {
  hostile.world.advance(ms);
  runCluster(hostile);
};

/** Pods by the instance whose node they run on. */
const podsByInstance = (world: World): ReadonlyMap<string, readonly string[]> =>
  new Map(
    nodesOf(world).map((node) => [
      node.spec?.providerID?.split("/").at(-1) ?? "",
      podsOf(world)
        .filter(({ spec }) => spec.nodeName === node.metadata.name)
        .map(({ metadata }) => metadata.name),
    ]),
  );

const messagesOf = ({ kube }: World): string =>
  kube
    .in<{ message: string }>(paths.events("default"))
    .map(({ message }) => message)
    .join("\n");

const isOn = (world: World, id: string) => ["pending", "running"].includes(world.ec2.instances.get(id)?.state ?? "");

/** What must hold whatever happens. */
const check = async (world: World): Promise<void> => {
  const living = world.ec2.inState(...LIVING);
  if (living.length > 4) throw new Error(`${living.length} instances in a pool of 4`);
  const ids = (await world.records()).flatMap(({ instanceId }) => instanceId ?? []);
  if (new Set(ids).size < ids.length) throw new Error(`an instance in two slots: ${ids.join()}`);
};

/** Runs a reconcile, which may fail, and throws if it takes the power from under a pod that no event names. */
export const reconcile = async (world: World, which: "pool" | "demand"): Promise<void> => {
  const before = [...podsByInstance(world)].filter(([id]) => isOn(world, id));
  await (which === "pool" ? world.reconcilePool() : world.reconcileDemand()).catch(() => {});
  if (world.interruptions.hasHappened()) world.interruptions.disarm();
  const after = podsByInstance(world);
  const messages = messagesOf(world);
  for (const [id, pods] of before) {
    if (isOn(world, id)) continue;
    const lost = pods.filter((pod) => after.get(id)?.includes(pod) && !messages.includes(`default/${pod}`));
    if (lost.length > 0) throw new Error(`${id} lost its power under ${lost.join()}`);
  }
  await check(world);
};

export type Step = readonly [name: string, ...args: (string | number)[]];

const anIndex = fc.nat({ max: 3 });
const aDelay = fc.constantFrom(SECOND, 10 * SECOND, 2 * MINUTE, 6 * MINUTE, 60 * MINUTE);
const KINDS: readonly Interruption["kind"][] = ["crashes before", "crashes after", "fails before", "fails after"];

const choice = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const step = (name: string, ...args: fc.Arbitrary<string | number>[]): fc.Arbitrary<Step> =>
  fc.tuple(fc.constant(name), ...args) as fc.Arbitrary<Step>;

export const anyStep: fc.Arbitrary<Step> = fc.oneof(
  choice(6, step("rounds")),
  choice(8, step("pool")),
  choice(6, step("demand")),
  choice(6, step("pass", aDelay)),
  choice(4, step("podComes", anIndex)),
  choice(3, step("podGoes", anIndex)),
  choice(4, step("interrupt", fc.integer({ min: 1, max: 40 }), fc.constantFrom(...KINDS))),
  choice(1, step("cordon", anIndex)),
  choice(1, step("uncordon", anIndex)),
  choice(1, step("relabel", anIndex)),
  choice(1, step("deleteNode", anIndex)),
  choice(1, step("startByHand", anIndex)),
  choice(1, step("stopByHand", anIndex)),
  choice(1, step("terminateByHand", anIndex)),
  choice(1, step("failStarts", fc.nat({ max: 1 }))),
  choice(1, step("failLaunches", fc.nat({ max: 2 }))),
  choice(1, step("budget", anIndex)),
  choice(1, step("refuse", fc.nat({ max: 1 }), fc.integer({ min: 1, max: 6 }))),
  choice(1, step("loseTable")),
  choice(1, step("age", anIndex)),
  choice(1, step("resize", fc.integer({ min: 1, max: 4 }))),
  choice(1, step("tolerant", anIndex)),
);

const nth = <T>(found: readonly T[], index: number): T | undefined => found[index % Math.max(1, found.length)];

export const take = async (hostile: HostileWorld, [name, ...args]: Step): Promise<void> => {
  const { world, wanted, cordoned, relabelled } = hostile;
  const [first] = args;
  const index = Number(first);
  const node = nth(nodesOf(world), index)?.metadata.name;
  const byHand = (act: "start" | "stop" | "terminate", ...states: InstanceState[]) => {
    const found = nth(world.ec2.inState(...states), index);
    if (found) world.ec2.faults[act](found.instanceId);
  };
  switch (name) {
    case "pool":
    case "demand":
      await reconcile(world, name);
      break;
    case "rounds":
      for (let round = 0; round < 4; round += 1) {
        await reconcile(world, "demand");
        await reconcile(world, "pool");
        pass(hostile, 10 * SECOND);
      }
      break;
    case "pass":
      pass(hostile, index);
      break;
    case "podComes":
      wanted.add(`pod-${index}`);
      break;
    case "podGoes":
      wanted.delete(`pod-${index}`);
      world.kube.objects.delete(podPath(`pod-${index}`));
      break;
    case "interrupt":
      world.interruptions.arm({ at: index, kind: args[1] as Interruption["kind"] });
      break;
    case "cordon":
      if (node) cordoned.add(node);
      if (node) somebody(world).cordon(node);
      break;
    case "uncordon":
      if (node) cordoned.delete(node);
      if (node) somebody(world).uncordon(node);
      break;
    case "relabel":
      if (node) relabelled.add(node);
      if (node) somebody(world).label(node, LABEL.pool, "another");
      break;
    case "deleteNode":
      if (node) somebody(world).deleteNode(node);
      break;
    case "startByHand":
      byHand("start", "stopped");
      break;
    case "stopByHand":
      byHand("stop", "running");
      break;
    case "terminateByHand":
      byHand("terminate", "running", "stopped");
      break;
    case "failStarts":
      world.ec2.faults.failStarts(({ zone }) => zone === `zone-of-subnet-${index}`, "Client.InternalError");
      break;
    case "failLaunches":
      world.ec2.faults.failLaunches(index, "Server.InternalError");
      break;
    case "budget":
      if (!world.kube.protectedPods.delete(`default/pod-${index}`))
        world.kube.protectedPods.add(`default/pod-${index}`);
      break;
    case "refuse":
      world.kube.refuse({
        method: index === 0 ? "create" : "patch",
        path: index === 0 ? "/eviction" : paths.nodes(),
        error: deniedByWebhook("no"),
        times: Number(args[1]),
      });
      break;
    case "loseTable":
      for (const record of await world.records())
        await world.ports.slots.free({ cluster: CLUSTER, pool: world.pool }, record).catch(() => {});
      if (world.interruptions.hasHappened()) world.interruptions.disarm();
      break;
    case "age":
      world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: index === 0 ? null : `${index * 5}m` } });
      break;
    case "resize":
      world.kube.change(paths.nodePool(world.pool), { spec: { poolSize: index, minStandby: Math.min(2, index) } });
      break;
    case "tolerant":
      if (node) hostile.tolerant = tolerateAllPod(world, node);
      break;
  }
  runCluster(hostile);
};
