/** Others who act on the cluster and the account while the world is hostile, and what they undo in the end. */
import { createOtherAutoscaler } from "../../local/kubernetes/actors/other-autoscaler.ts";
import { createPerson } from "../../local/kubernetes/actors/people.ts";
import { nodeAccess } from "../../local/kubernetes/actors/store-access.ts";
import { tolerateAllDeployment } from "../../local/kubernetes/actors/tolerate-all.ts";
import type { NodeObject } from "../../local/kubernetes/objects/objects.ts";
import type { NodePool } from "../../shared/model/api/types.ts";
import { ANNOTATION, LABEL } from "../../shared/model/names.ts";
import type { ActorName } from "./features.ts";
import { choose, integer, type Random, streamOf } from "./random.ts";
import type { Scenario } from "./scenario.ts";
import { atRandom } from "./times.ts";
import { FOREIGN_NODE, type SimulatedWorld } from "./world.ts";

/** What an actor does once. `undo` is called when the hostile time ends. */
interface Actor {
  act(node: string, random: Random): void;
  undo?(): void;
}

const MEAN_MS = 3 * 60_000;
const POOLS = "nodepools.stratos.sh";
const TAINT = { key: "example.com/maintenance", effect: "NoSchedule" } as const;

const changePool = ({ store, trace }: SimulatedWorld, name: string, change: (spec: NodePool["spec"]) => object): void =>
  void store.change(POOLS, name, undefined, (pool) => {
    const spec = { ...(pool.spec as NodePool["spec"]), ...change(pool.spec as NodePool["spec"]) };
    trace.add("user", `pool ${name}: poolSize ${spec.poolSize}, minStandby ${spec.minStandby}`);
    pool.spec = spec;
  });

const instanceOf = ({ store }: SimulatedWorld, node: string): string =>
  (store.get<NodeObject>("nodes", node)?.spec.providerID ?? "").split("/").at(-1) ?? "";

const stopInstance = (world: SimulatedWorld, node: string): void => {
  const id = instanceOf(world, node);
  if (world.ec2.world.instances.get(id)) world.ec2.faults.stop(id);
};

const onNodes = (world: SimulatedWorld): Readonly<Partial<Record<ActorName, Actor>>> => {
  const { store, kube } = world;
  const access = nodeAccess(store);
  const person = createPerson(access);
  const autoscaler = createOtherAutoscaler("cluster-autoscaler", access);
  const names = () => store.list("nodes").map(({ metadata }) => metadata.name);
  const relabelled = new Map<string, string | undefined>();
  const killed = new Set<string>();
  return {
    cordon: {
      act: person.cordon,
      undo: () => {
        for (const name of names()) {
          const isHeld = store.get("nodes", name)?.metadata.annotations?.[ANNOTATION.hold] !== undefined;
          access.changeNode(name, ({ metadata }) => {
            if (metadata.annotations) delete metadata.annotations[ANNOTATION.hold];
          });
          const state = store.get("nodes", name)?.metadata.labels?.[LABEL.state];
          if (state === "running" && !isHeld) person.uncordon(name);
        }
      },
    },
    uncordon: { act: person.uncordon },
    relabel: {
      act: (node) => {
        relabelled.set(node, store.get("nodes", node)?.metadata.labels?.[LABEL.pool] ?? relabelled.get(node));
        person.label(node, LABEL.pool, "another");
      },
      undo: () => {
        for (const [node, pool] of relabelled) person.label(node, LABEL.pool, pool);
      },
    },
    "delete node": { act: person.deleteNode },
    taint: {
      act: (node) => person.taint(node, TAINT),
      undo: () => {
        for (const name of names()) person.untaint(name, TAINT.key);
      },
    },
    "other autoscaler": {
      act: autoscaler.chooseForRemoval,
      undo: () => {
        for (const name of names()) autoscaler.changeItsMind(name);
      },
    },
    // Where more than a fifth of a pool's nodes is not Ready, none is replaced: somebody looks after them in the end.
    "dead kubelet": {
      act: (node) => {
        killed.add(node);
        kube.nodeFaults.killKubelet(node);
      },
      undo: () => {
        for (const node of killed) stopInstance(world, node);
      },
    },
    "no network": {
      act: () => kube.nodeFaults.withholdNetwork(1),
      undo: () => kube.nodeFaults.withholdNetwork(0),
    },
    "hanging boot": { act: () => kube.nodeFaults.hangBoots(1), undo: () => kube.nodeFaults.hangBoots(0) },
    "no cloud controller": {
      act: (_, random) => {
        kube.nodeFaults.stopCloudController(true);
        world.clock.after(integer(random, 20, 300) * 1_000, () => kube.nodeFaults.stopCloudController(false));
      },
    },
  };
};

const onInstances = (world: SimulatedWorld): Readonly<Partial<Record<ActorName, Actor>>> => {
  const act = (what: "start" | "stop" | "terminate") => ({
    act: (node: string) => {
      const id = instanceOf(world, node);
      if (world.ec2.world.instances.get(id)) world.ec2.faults[what](id);
    },
  });
  return { "start by hand": act("start"), "stop by hand": act("stop"), "terminate by hand": act("terminate") };
};

const onPools = (world: SimulatedWorld, { pools }: Scenario): Readonly<Partial<Record<ActorName, Actor>>> => {
  const restore = () => {
    for (const { name, spec } of pools) {
      if (world.store.get(POOLS, name)) changePool(world, name, () => ({ ...spec, maxNodeRuntime: undefined }));
    }
  };
  const act = (change: (random: Random, spec: NodePool["spec"]) => object): Actor => ({
    act: (_, random) => {
      const pool = choose(random, pools);
      if (pool) changePool(world, pool.name, (spec) => change(random, spec));
    },
    undo: restore,
  });
  return {
    resize: act((random) => {
      const poolSize = integer(random, 1, 5);
      return { poolSize, minStandby: integer(random, 0, Math.min(poolSize, 2)) };
    }),
    "max runtime": act((random) => ({ maxNodeRuntime: `${integer(random, 1, 8)}m` })),
    "new template": act((random, spec) => ({
      template: { ...spec.template, labels: { ...spec.template.labels, generation: `g${integer(random, 1, 3)}` } },
    })),
  };
};

const BUDGETS = "poddisruptionbudgets.policy";

const onPods = (world: SimulatedWorld, { workloads }: Scenario): Readonly<Partial<Record<ActorName, Actor>>> => {
  const { store } = world;
  return {
    "tolerant pods": {
      act: () => world.apply("deployments.apps", tolerateAllDeployment("tigera-operator")),
      undo: () => store.remove("deployments.apps", "tigera-operator", "default"),
    },
    budget: {
      act: (_, random) => {
        const workload = choose(random, workloads);
        if (!workload) return;
        world.apply(BUDGETS, {
          apiVersion: "policy/v1",
          kind: "PodDisruptionBudget",
          metadata: { name: workload.name, namespace: "default" },
          spec: { maxUnavailable: 0, selector: { matchLabels: { app: workload.name } } },
        });
      },
      undo: () => {
        for (const { name } of workloads) store.remove(BUDGETS, name, "default");
      },
    },
  };
};

/** Lets the scenario's actors act. Returns what ends that and lets them undo what they did. */
export const startActors = (world: SimulatedWorld, scenario: Scenario): (() => void) => {
  const actors = {
    ...onNodes(world),
    ...onInstances(world),
    ...onPools(world, scenario),
    ...onPods(world, scenario),
  };
  const stops = Object.entries(actors).flatMap(([name, actor]) => {
    const rate = scenario.rates[name as ActorName] ?? 0;
    if (rate === 0) return [];
    const random = streamOf(scenario.seed, `actor ${name}`);
    const stop = atRandom(world.clock, random, MEAN_MS / rate, () => {
      const nodes = world.store.list("nodes").map(({ metadata }) => metadata.name);
      const node = choose(
        random,
        nodes.filter((one) => one !== FOREIGN_NODE),
      );
      world.trace.add("actor", `${name} ${node}`);
      if (node !== undefined) actor.act(node, random);
    });
    return [stop, () => actor.undo?.()];
  });
  return () => {
    for (const stop of stops) stop();
  };
};
