/**
 * The EKS node monitoring agent, an add-on: reports `NetworkingReady` once it runs, whatever the network plugin does. Source: aws/eks-node-monitoring-agent
 * and "Detect node health issues" (Amazon EKS User Guide).
 */
import { container, daemonSet } from "./daemon-set.ts";
import { onPodReady } from "./on-pod-ready.ts";
import { type NetworkOptions, report } from "./report.ts";

const NAME = "eks-node-monitoring-agent";

export const monitoringAgent = () => [
  daemonSet(NAME, "kube-system", {
    containers: [
      container(NAME, "602401143452.dkr.ecr.us-east-1.amazonaws.com/eks/eks-node-monitoring-agent:v1.4.0", 1, "10m"),
    ],
  }),
];

export const runMonitoringAgent = (options: NetworkOptions): (() => void) =>
  onPodReady(options.store, NAME, (nodeName) =>
    report(options, nodeName, {
      type: "NetworkingReady",
      status: "True",
      reason: "NetworkingIsReady",
      message: "Monitoring for the Networking system is active",
    }),
  );
