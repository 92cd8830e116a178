import type { Clock } from "../../clock.ts";
import type { KubeObject, Store } from "../api-server/store.ts";

const LEASES = "leases.coordination.k8s.io";
const NAMESPACE = "kube-node-lease";
const DURATION_SECONDS = 40;

interface Lease extends KubeObject {
  spec: { holderIdentity: string; leaseDurationSeconds: number; renewTime: string };
}

/** `metav1.MicroTime`. */
const microTime = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, "000Z");

/**
 * Creates or renews the kubelet's node lease. The lease is owned by the node and deleted with it. It is renewed only when the
 * kubelet starts; see `Heartbeats`. Source: k8s.io/component-helpers apimachinery/lease, and SetNodeOwnerFunc of the kubelet's
 * util/nodelease.
 */
export const renewLease = (store: Store, clock: Pick<Clock, "now">, nodeName: string): void => {
  const node = store.get("nodes", nodeName);
  if (!node) return;
  const renewTime = microTime(clock.now());
  const renewed = store.change<Lease>(LEASES, nodeName, NAMESPACE, ({ spec }) => {
    spec.renewTime = renewTime;
  });
  if (renewed) return;
  const { uid = "" } = node.metadata;
  store.create<Lease>(LEASES, {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name: nodeName,
      namespace: NAMESPACE,
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: nodeName, uid }],
    },
    spec: { holderIdentity: nodeName, leaseDurationSeconds: DURATION_SECONDS, renewTime },
  });
};
