/** What the demand planner is measured with. */
import { planDemand } from "../../shared/demand/plan-demand.ts";
import { poolSpecOf } from "../../shared/model/api/pool-spec.ts";
import { podName } from "../../shared/model/kubernetes/pods.ts";
import { diverseInput } from "./diverse.ts";
import { anInput, type DemandInput, type PoolInput, starting } from "./input.ts";
import { viewOf } from "./planners.ts";
import { type Kind, workloadPods } from "./workloads.ts";

export interface Case {
  readonly kind: Kind | "diverse" | "second look";
  readonly pods: number;
  readonly nodes: number;
  readonly pools: number;
}

/** The burst a moment later: all nodes that the first look decided to start are starting, and what is to be launched has no records yet. */
const secondLook = (input: DemandInput): DemandInput => {
  const { starts } = planDemand(viewOf(input, poolSpecOf));
  const podsOf = new Map(
    starts.flatMap(({ records, pods }) => records.map((record, index) => [record, (pods[index] ?? []).map(podName)])),
  );
  const startIn = (pool: PoolInput): PoolInput => ({
    ...pool,
    started: [
      ...pool.started,
      ...pool.standby.flatMap((record) => {
        const pods = podsOf.get(record);
        return pods ? [{ record: { ...starting(record), pods }, pods: [] }] : [];
      }),
    ],
    standby: pool.standby.filter((record) => !podsOf.has(record)),
  });
  return { ...input, pools: input.pools.map(startIn) };
};

export const inputOf = ({ kind, pods, nodes, pools }: Case): DemandInput => {
  if (kind === "diverse") return diverseInput(pods);
  if (kind === "second look") return secondLook(anInput(workloadPods("distinct", pods), nodes, pools));
  return anInput(workloadPods(kind, pods), nodes, pools);
};

const NODES = 1000;
const POOLS = 20;

/** What planners of two commits are compared with. */
export const COMPARED: readonly Case[] = [
  { kind: "distinct", pods: 10_000, nodes: NODES, pools: POOLS },
  { kind: "second look", pods: 10_000, nodes: NODES, pools: POOLS },
  { kind: "mixed", pods: 10_000, nodes: NODES, pools: POOLS },
  { kind: "mixed", pods: 1000, nodes: NODES, pools: POOLS },
  { kind: "plain", pods: 1000, nodes: NODES, pools: POOLS },
  { kind: "plain", pods: 1000, nodes: NODES, pools: 1 },
  { kind: "plain", pods: 10_000, nodes: NODES, pools: 1 },
  { kind: "diverse", pods: 1000, nodes: 0, pools: 1 },
  { kind: "diverse", pods: 5000, nodes: 0, pools: 1 },
];

const PODS = [1, 100, 1000, 10_000];

export const CASES: readonly Case[] = [
  ...[1, POOLS].flatMap((pools) =>
    [0, 100, NODES].flatMap((nodes) => PODS.map((pods): Case => ({ kind: "plain", pods, nodes, pools }))),
  ),
  ...(["mixed", "distinct", "second look"] as const).flatMap((kind) =>
    [1000, 10_000].map((pods): Case => ({ kind, pods, nodes: NODES, pools: POOLS })),
  ),
  ...[1000, 5000].map((pods): Case => ({ kind: "diverse", pods, nodes: 0, pools: 1 })),
];
