import type { AnObject } from "./api-server.ts";

export const PATH = {
  pods: "/api/v1/pods",
  nodes: "/api/v1/nodes",
  nodePools: "/apis/stratos.sh/v1alpha1/nodepools",
  nodeClasses: "/apis/stratos.sh/v1alpha1/awsnodeclasses",
} as const;

let uid = 0;
const metadata = (name: string, more: object = {}) => {
  uid += 1;
  return { name, uid: `uid-${uid}`, ...more };
};

export const aPool = (name: string, { generation = 1, status = {}, spec = {}, ...more } = {}): AnObject => ({
  metadata: metadata(name, { generation, ...more }),
  spec: { poolSize: 5, minStandby: 3, ...spec },
  status,
});

/** A node of `pool`, or an unlabelled one; Ready by default. */
export const aNode = (name: string, pool: string | undefined, overrides: { spec?: object; ready?: string } = {}) => ({
  metadata: metadata(name, { labels: pool === undefined ? {} : { "stratos.sh/pool": pool } }),
  spec: { providerID: "aws:///us-east-1a/i-0abc", ...overrides.spec },
  status: {
    conditions: [{ type: "Ready", status: overrides.ready ?? "True", lastTransitionTime: "2026-11-24T00:00:00Z" }],
  },
});

const unschedulable = { type: "PodScheduled", status: "False", reason: "Unschedulable" };

export const aPendingPod = (name: string, more: object = {}): AnObject => ({
  metadata: metadata(name, { namespace: "default", ...more }),
  spec: { containers: [] },
  status: { phase: "Pending", conditions: [unschedulable] },
});

export const aPodOn = (node: string, name: string, overrides: { phase?: string; ready?: string } = {}): AnObject => ({
  metadata: metadata(name, { namespace: "default" }),
  spec: { nodeName: node, containers: [] },
  status: {
    phase: overrides.phase ?? "Running",
    conditions: [{ type: "Ready", status: overrides.ready ?? "True" }],
  },
});
