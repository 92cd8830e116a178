/** People who edit pools. */
import type { NodePool } from "../../../shared/model/api/types.ts";
import { choose, integer, type Random } from "../random.ts";
import type { Scenario } from "../scenario.ts";
import type { SimulatedWorld } from "../world.ts";
import type { Actor, Actors } from "./actor.ts";

const POOLS = "nodepools.stratos.sh";

const changePool = ({ store, trace }: SimulatedWorld, name: string, change: (spec: NodePool["spec"]) => object): void =>
  void store.change(POOLS, name, undefined, (pool) => {
    const spec = { ...(pool.spec as NodePool["spec"]), ...change(pool.spec as NodePool["spec"]) };
    trace.add("user", `pool ${name}: poolSize ${spec.poolSize}, minStandby ${spec.minStandby}`);
    pool.spec = spec;
  });

export const onPools = (world: SimulatedWorld, { pools }: Scenario): Actors => {
  const restore = () => {
    for (const { name, spec } of pools) {
      if (world.store.get(POOLS, name)) changePool(world, name, () => ({ ...spec, maxNodeRuntime: undefined }));
    }
  };
  const act = (change: (random: Random, spec: NodePool["spec"]) => object): Actor => ({
    act: (_, random) => {
      const pool = choose(random, pools);
      if (pool) changePool(world, pool.name, (spec) => change(random, spec));
    },
    undo: restore,
  });
  return {
    // An object that an older definition let through.
    "unreadable pool": act((_, spec) => ({ scaleDown: { ...spec.scaleDown, emptyNodeTTL: "soon" } })),
    resize: act((random) => {
      const poolSize = integer(random, 1, 5);
      return { poolSize, minStandby: integer(random, 0, Math.min(poolSize, 2)) };
    }),
    "max runtime": act((random) => ({ maxNodeRuntime: `${integer(random, 1, 8)}m` })),
    "new template": act((random, spec) => ({
      template: { ...spec.template, labels: { ...spec.template.labels, generation: `g${integer(random, 1, 3)}` } },
    })),
  };
};
