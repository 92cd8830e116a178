import { mkdirSync } from "node:fs";
import { COMPONENT_IDENTITIES, startCoreComponents, writeKubeconfigOf } from "../../real/components.ts";
import { startKubeletProcess } from "../../real/kubelet-process.ts";
import { type ControlPlane, type Identity, startControlPlane } from "../control-plane.ts";
import type { GuardedProcess } from "../guarded-process.ts";
import { type BootSettings, type Cluster, type MachineName, PEOPLE } from "./cluster.ts";
import { machineCalled } from "./machines.ts";
import { throttleRealEvictions } from "./real-throttle.ts";
import { addRealWebhook } from "./real-webhook.ts";

const userOf = (machine: MachineName): string => `system:node:${machineCalled(machine).privateDnsName}`;
const KUBELETS: readonly Identity[] = (["first", "second"] as const).map((machine) => ({
  user: userOf(machine),
  groups: ["system:nodes"],
}));

/** A process stands for a powered machine: killing it stops the node. */
const createPower = (controlPlane: ControlPlane) => {
  const running = new Map<MachineName, GuardedProcess>();
  const { directory } = controlPlane;
  // A short name, because the path of the kubelet's socket is limited.
  const files = `${directory}/k`;
  mkdirSync(files, { recursive: true });
  return {
    on: async (name: MachineName, { labels = {}, taints = [] }: BootSettings = {}) => {
      const kubeconfig = writeKubeconfigOf(controlPlane, directory, name, controlPlane.tokenOf(userOf(name)));
      const settings = { clusterName: "contract", labels, taints, maxPods: undefined };
      const machine = machineCalled(name);
      running.set(name, await startKubeletProcess({ machine, settings, kubeconfig, directory, files }));
    },
    off: async (name: MachineName) => {
      await running.get(name)?.stop();
      running.delete(name);
    },
    cut: () => Promise.all([...running.values()].map((kubelet) => kubelet.stop())),
  };
};

/** A real API server with etcd, kube-scheduler, kube-controller-manager and kubelets with a fake container runtime. */
export const startReal = async (): Promise<Cluster> => {
  const controlPlane = await startControlPlane(
    [...PEOPLE, ...COMPONENT_IDENTITIES, ...KUBELETS],
    // As on EKS; see "Amazon EKS platform versions", enabled admission controllers.
    ["--enable-admission-plugins", "NodeRestriction"],
  );
  const { directory } = controlPlane;
  const components = startCoreComponents({ controlPlane, directory });
  const power = createPower(controlPlane);
  return {
    ...controlPlane,
    // Its watch cache begins at its start.
    forgetFirstVersion: async () => {},
    nodeNameOf: (name) => machineCalled(name).privateDnsName,
    powerOn: power.on,
    powerOff: power.off,
    addWebhook: (behavior) => addRealWebhook(controlPlane, behavior),
    throttleEvictions: () => throttleRealEvictions(controlPlane),
    stop: async () => {
      await power.cut();
      await Promise.all(components.map((component) => component.stop()));
      await controlPlane.stop();
    },
  };
};
