/** People, operators and faults of nodes. */
import { createOtherAutoscaler } from "../../../local/kubernetes/actors/other-autoscaler.ts";
import { createPerson } from "../../../local/kubernetes/actors/people.ts";
import { nodeAccess } from "../../../local/kubernetes/actors/store-access.ts";
import { ANNOTATION, LABEL } from "../../../shared/model/names.ts";
import { integer } from "../random.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actors } from "./actor.ts";
import { addFinalizer, removeFinalizer } from "./finalizer.ts";
import { stopInstance } from "./instances.ts";

const TAINT = { key: "example.com/maintenance", effect: "NoSchedule" } as const;

export const onNodes = (world: SimulatedWorld): Actors => {
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
    // A controller of somebody else that holds on to the object, and is not there when the node is deleted.
    "node finalizer": {
      act: (node) => access.changeNode(node, ({ metadata }) => void addFinalizer(metadata)),
      undo: () => {
        for (const name of names()) access.changeNode(name, ({ metadata }) => void removeFinalizer(metadata));
      },
    },
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
