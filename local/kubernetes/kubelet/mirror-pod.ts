import type { Machine } from "../../aws/ec2/machines.ts";
import type { Store } from "../api-server/store.ts";
import type { StaticPod } from "./boot-plan.ts";

/** Creates a static pod's mirror pod, named after the pod and the node. It tolerates every NoExecute taint. */
export const createMirrorPod = (store: Store, machine: Machine, { metadata, spec }: StaticPod): void => {
  const nodeName = machine.privateDnsName;
  const name = `${metadata.name}-${nodeName}`;
  if (store.get("pods", name, metadata.namespace)) return;
  const annotations = { "kubernetes.io/config.mirror": machine.instanceId };
  const pod = { metadata: { name, namespace: metadata.namespace, annotations }, spec: { ...spec, nodeName } };
  store.create("pods", { apiVersion: "v1", kind: "Pod", ...pod, status: { phase: "Pending" } });
};
