/**
 * Calico, as its operator installs it: each start of calico-node writes the condition anew, and nothing withdraws it when the power goes. Source:
 * projectcalico/calico, node/pkg/lifecycle (SetNodeNetworkUnavailableCondition).
 */
import { container, daemonSet } from "./daemon-set.ts";
import { onPodReady } from "./on-pod-ready.ts";
import { type NetworkOptions, report } from "./report.ts";

const NAME = "calico-node";
/** Belief: felix and BIRD are ready some seconds after their container started. */
const FELIX_SECONDS = 5;

export const calico = () => [
  { apiVersion: "v1", kind: "Namespace", metadata: { name: "calico-system" } },
  daemonSet(NAME, "calico-system", {
    initContainers: [{ name: "install-cni", image: "quay.io/calico/cni:v3.31.2" }],
    containers: [container(NAME, "quay.io/calico/node:v3.31.2", FELIX_SECONDS, "250m")],
  }),
];

export const runCalico = (options: NetworkOptions): (() => void) =>
  onPodReady(options.store, NAME, (nodeName) =>
    report(options, nodeName, {
      type: "NetworkUnavailable",
      status: "False",
      reason: "CalicoIsUp",
      message: "Calico is running on this node",
    }),
  );
