import { childOf } from "../json-value.ts";
import type { KubeObject } from "../store.ts";

/** What a node's kubelet has not said yet is there all the same, and empty: these are structs without omitempty in Go. */
const NODE_INFO = [
  ...["architecture", "bootID", "containerRuntimeVersion", "kernelVersion", "kubeProxyVersion", "kubeletVersion"],
  ...["machineID", "operatingSystem", "osImage", "systemUUID"],
];

export const defaultNode = (node: KubeObject): void => {
  node.spec ??= {};
  const status = childOf(node, "status");
  status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
  const info = childOf(status, "nodeInfo");
  for (const field of NODE_INFO) info[field] ??= "";
};
