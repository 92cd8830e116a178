import { describe, expect, it } from "vitest";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  condition,
  endBurst,
  instancesByState,
  MINUTE,
  NO_MORE,
  type NodeObject,
  pool,
  quickStart,
  shareStratos,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const stratos = shareStratos();

describe("the main job", () => {
  it("warms up, serves a burst by starting exactly the nodes it needs in one call, and returns to standby", async () => {
    const environment = await startStratos();
    await quickStart(environment);
    expect(instancesByState(environment)).toEqual({ stopped: 3 });
    expect(condition(environment, "Ready")).toBe("True StandbyAvailable");
    const nodes = environment.kube.store.list<NodeObject>("nodes");
    expect(nodes.every(({ spec }) => spec.unschedulable)).toBe(true);

    await apply(environment, burstOf(4));
    await untilRunning(environment, 4);
    const starts = callsOf(environment, "StartInstances");
    expect(starts.map(({ ids }) => ids.length)).toEqual([2]);
    expect(new Set(burstPods(environment).map(({ spec }) => spec.nodeName)).size).toBe(2);

    await endBurst(environment);
    expect(instancesByState(environment)).toEqual({ stopped: pool(environment)?.status?.total });
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("serves later bursts with the nodes that returned, and starts only what each burst needs", async () => {
    const environment = await stratos(NO_MORE);
    for (const count of [1, 5]) {
      await apply(environment, burstOf(count));
      await untilRunning(environment, count);
      await endBurst(environment);
    }
    expect(callsOf(environment, "StartInstances").map(({ ids }) => ids.length)).toEqual([1, 3]);
  });

  it("leaves nothing behind when the pool is deleted", async () => {
    const environment = await stratos(NO_MORE);
    await apply(environment, burstOf(2));
    await untilRunning(environment, 2);
    await environment.kube.client.delete("/apis/stratos.sh/v1alpha1/nodepools/workers");
    await environment.until("the pool is gone", () => pool(environment) === undefined, { withinMs: 20 * MINUTE });
    expect(instancesByState(environment)).toEqual({});
    expect(environment.kube.store.list("nodes")).toEqual([]);
  });
});
