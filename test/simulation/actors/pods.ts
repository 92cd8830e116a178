/** Who has pods in the cluster. */
import { tolerateAllDeployment } from "../../../local/kubernetes/actors/tolerate-all.ts";
import type { PodObject } from "../../../local/kubernetes/objects/objects.ts";
import { choose } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import { podsOf } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actors } from "./actor.ts";
import { addFinalizer, removeFinalizer } from "./finalizer.ts";

const changeFinalizer = ({ store }: SimulatedWorld, pod: PodObject, change: typeof addFinalizer): void =>
  void store.change("pods", pod.metadata.name, pod.metadata.namespace, ({ metadata }) => void change(metadata));

const BUDGETS = "poddisruptionbudgets.policy";

export const onPods = (world: SimulatedWorld, { workloads }: Scenario): Actors => {
  const { store } = world;
  return {
    "tolerant pods": {
      act: () => world.apply("deployments.apps", tolerateAllDeployment("tigera-operator")),
      undo: () => store.remove("deployments.apps", "tigera-operator", "default"),
    },
    "pod finalizer": {
      act: (node, random) => {
        const pod = choose(
          random,
          podsOf(world).filter(({ spec }) => spec.nodeName === node),
        );
        if (pod) changeFinalizer(world, pod, addFinalizer);
      },
      undo: () => {
        for (const pod of podsOf(world)) changeFinalizer(world, pod, removeFinalizer);
      },
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
