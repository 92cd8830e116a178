/** A virtual kubelet: registers its node, reports it, and runs the pods bound to it for as long as the power is on. */
import type { Clock } from "../../clock.ts";
import type { Machine } from "../../ec2/machines.ts";
import { KubeFailure, type Store } from "../../kube/store.ts";
import { type NodeObject, type PodObject, rfc3339, setCondition } from "../objects.ts";
import { newNode } from "./node-object.ts";
import { createPodRunner } from "./pod-runner.ts";
import type { GuestScript } from "./user-data.ts";

/** Registration, then the first status with Ready: 0.9 s with the real kubelet. */
const READY_AFTER_MS = 900;
const NETWORK_AFTER_MS = 1_500;

export interface KubeletOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly machine: Machine;
  readonly script: GuestScript;
  /** Images on the instance's disk; they outlast a stop. */
  readonly images: Set<string>;
  readonly random: () => number;
}

const HEALTHY = [
  { type: "MemoryPressure", status: "False", reason: "KubeletHasSufficientMemory" },
  { type: "DiskPressure", status: "False", reason: "KubeletHasNoDiskPressure" },
  { type: "PIDPressure", status: "False", reason: "KubeletHasSufficientPID" },
  { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" },
];

const NETWORKING = { type: "NetworkingReady", status: "True", reason: "NetworkingIsReady" };

/** A node object that exists keeps its labels and taints: kubelet applies its own only when it registers a new one. */
const register = (store: Store, machine: Machine, script: GuestScript) => {
  if (store.get("nodes", machine.privateDnsName)) return;
  try {
    store.create("nodes", newNode(machine, script));
  } catch (error) {
    if (!(error instanceof KubeFailure)) throw error;
  }
};

/** Timers that do nothing once the power is gone. */
const createPower = (clock: Clock) => {
  const cancels = new Set<() => void>();
  let on = true;
  return {
    isOn: () => on,
    later: (delayMs: number, run: () => void) => {
      const cancel = clock.after(delayMs, () => {
        cancels.delete(cancel);
        if (on) run();
      });
      cancels.add(cancel);
    },
    cut: () => {
      on = false;
      for (const cancel of cancels) cancel();
    },
  };
};

/** Starts at once; the returned function is the power going. */
export const startKubelet = ({ clock, store, machine, script, images, random }: KubeletOptions): (() => void) => {
  const name = machine.privateDnsName;
  const power = createPower(clock);
  const see = createPodRunner({ clock, store, machine, images, random, later: power.later });

  const report = (change: (node: NodeObject) => void) =>
    store.change<NodeObject>("nodes", name, undefined, change, { status: true });

  const beReady = () => {
    report((node) => {
      for (const condition of HEALTHY) setCondition(node, condition, clock.now());
    });
    power.later(NETWORK_AFTER_MS, () =>
      report((node) => {
        // The node monitoring agent reports anew after each boot, whatever the node said before.
        const others = node.status.conditions?.filter(({ type }) => type !== NETWORKING.type) ?? [];
        const time = rfc3339(clock.now());
        node.status.conditions = [...others, { ...NETWORKING, lastTransitionTime: time, lastHeartbeatTime: time }];
      }),
    );
    for (const pod of store.list<PodObject>("pods")) see(pod);
  };

  const unsubscribe = store.subscribe("pods", ({ type, object }) => {
    if (power.isOn() && type !== "DELETED" && store.get("nodes", name)) see(object as PodObject);
  });
  register(store, machine, script);
  power.later(READY_AFTER_MS, beReady);
  return () => {
    power.cut();
    unsubscribe();
  };
};
