/** Runs the demand planner of a checkout, whatever commit it is of. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DemandPlan } from "../../shared/demand/plan.ts";
import { type DemandView, EMPTY_CONTEXT } from "../../shared/demand/view.ts";
import type { poolSpecOf } from "../../shared/model/api/pool-spec.ts";
import type { NodePool } from "../../shared/model/api/types.ts";
import type { DemandInput, PoolInput } from "./input.ts";

/** What all versions of a plan have in common. */
export type Plan = Pick<DemandPlan, "placed" | "starts" | "launches">;

type PlanDemand = (view: unknown) => Plan;
type PoolSpecOf = typeof poolSpecOf;

const manifestOf = ({ name }: PoolInput): NodePool => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name },
  spec: { poolSize: 1000, minStandby: 0, template: { nodeClassRef: { kind: "AWSNodeClass", name } } },
});

const nodesOf = ({ nodes }: PoolInput) => new Map(nodes.map((node) => [node.metadata.name, node]));

const startedOf = (pool: PoolInput) => {
  const nodes = nodesOf(pool);
  return pool.started.map(({ record, pods }) => ({ record, pods, node: nodes.get(record.nodeName ?? "") }));
};

export const viewOf = ({ now, pods, pools }: DemandInput, poolSpecOf: PoolSpecOf): DemandView => ({
  now,
  pods,
  pools: pools.map((pool) => ({
    name: pool.name,
    uid: pool.name,
    spec: poolSpecOf(manifestOf(pool)),
    inactive: undefined,
    template: {
      architecture: "amd64",
      labels: {},
      taints: [],
      estimates: new Map(Object.entries(pool.allocatable)),
    },
    standby: pool.standby,
    resizable: [],
    occupied: [],
    onHold: [],
    started: startedOf(pool),
    opened: [],
    startsInVain: [],
    stopping: [],
    isFull: false,
    launchCapacity: { maxNodes: pool.maxLaunches, offerings: pool.offerings },
    staticPods: new Map(),
    nodes: nodesOf(pool),
  })),
  context: EMPTY_CONTEXT,
});

/** The view before `shared/model` existed. */
const viewBeforeModel = (input: DemandInput, poolSpecOf: PoolSpecOf) => {
  const { context: around, pools, ...view } = viewOf(input, poolSpecOf);
  return {
    ...view,
    around,
    pools: pools.map(({ launchCapacity, template, ...pool }) => ({
      ...pool,
      capacity: [...template.estimates.values()][0],
      launchable: {
        most: launchCapacity.maxNodes,
        offers: launchCapacity.offerings.map((offering) => ({
          ...offering,
          architecture: template.architecture,
          allocatable: template.estimates.get(offering.instanceType),
        })),
      },
    })),
  };
};

/** `root`: of the checkout. The function that is returned makes the view once, and plans each time that the result is called. */
export const loadPlanner = async (root: string): Promise<(input: DemandInput) => () => Plan> => {
  const load = (path: string) => import(pathToFileURL(join(root, path)).href);
  const planner = (await load("shared/demand/plan-demand.ts")) as { readonly planDemand: PlanDemand };
  const hasModel = existsSync(join(root, "shared/model"));
  const specs = (await load(hasModel ? "shared/model/api/pool-spec.ts" : "shared/api/defaults.ts")) as {
    readonly poolSpecOf: PoolSpecOf;
  };
  return (input) => {
    const view = (hasModel ? viewOf : viewBeforeModel)(input, specs.poolSpecOf);
    return () => planner.planDemand(view);
  };
};
