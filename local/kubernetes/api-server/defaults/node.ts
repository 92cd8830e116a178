import { childOf } from "../json-value.ts";
import type { KubeObject } from "../store.ts";

/** Fields that are present and empty until the kubelet reports them, because the Go structs have no omitempty. */
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
