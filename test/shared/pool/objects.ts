/** Builders for nodes and pods at a fixed time. */
import type { KubeNode, KubePod } from "../../../shared/model/kubernetes/objects.ts";

export const NOW = Date.parse("2026-03-01T12:00:00Z");
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface NodeOverrides {
  readonly ready?: boolean;
  /** When its Ready condition last changed. */
  readonly readySince?: number;
  readonly networkReadySince?: number;
  readonly cordoned?: boolean;
  readonly taints?: readonly { key: string; value?: string; effect: string }[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Images on its disk, by the names that kubelet reports. */
  readonly images?: readonly string[];
  readonly imageBytes?: number;
  readonly capacity?: Readonly<Record<string, string>>;
}

const time = (ms: number) => new Date(ms).toISOString();

export const aNode = (name: string, overrides: NodeOverrides = {}): KubeNode => ({
  metadata: { name, resourceVersion: "7", labels: overrides.labels ?? {}, annotations: overrides.annotations ?? {} },
  spec: { unschedulable: overrides.cordoned ?? false, taints: overrides.taints ?? [] },
  status: {
    images: (overrides.images ?? []).map((image) => ({
      names: [image],
      ...(overrides.imageBytes !== undefined && { sizeBytes: overrides.imageBytes }),
    })),
    ...(overrides.capacity && { capacity: overrides.capacity }),
    conditions: [
      {
        type: "Ready",
        status: (overrides.ready ?? true) ? "True" : "Unknown",
        lastTransitionTime: time(overrides.readySince ?? NOW - 20_000),
        lastHeartbeatTime: time(NOW - 1_000),
      },
      ...(overrides.networkReadySince === undefined
        ? []
        : [{ type: "NetworkingReady", status: "True", lastTransitionTime: time(overrides.networkReadySince) }]),
    ],
  },
});

export const aPod = (
  name: string,
  overrides: {
    owner?: string;
    phase?: string;
    deleting?: boolean;
    graceEnds?: number;
    createdAt?: number;
    annotations?: Readonly<Record<string, string>>;
  } = {},
): KubePod => ({
  metadata: {
    name,
    namespace: "default",
    ...(overrides.createdAt !== undefined && { creationTimestamp: time(overrides.createdAt) }),
    ...(overrides.annotations && { annotations: overrides.annotations }),
    ...(overrides.owner && { ownerReferences: [{ kind: overrides.owner, name: "owner", controller: true }] }),
    ...(overrides.deleting && { deletionTimestamp: time(overrides.graceEnds ?? NOW) }),
  },
  spec: { containers: [] },
  status: { phase: overrides.phase ?? "Running" },
});
