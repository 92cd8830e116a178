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
  type NodeObject,
  pool,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

describe("the main job", () => {
  it("warms up, serves a burst with exactly the nodes it needs in one call, and goes back to standby", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    expect(condition(embedded, "Ready")).toBe("True StandbyAvailable");
    const nodes = embedded.kube.store.list<NodeObject>("nodes");
    expect(nodes.every(({ spec }) => spec.unschedulable)).toBe(true);

    await apply(embedded, burstOf(4));
    await untilRunning(embedded, 4);
    const starts = callsOf(embedded, "StartInstances");
    expect(starts.map(({ ids }) => ids.length)).toEqual([2]);
    expect(new Set(burstPods(embedded).map(({ spec }) => spec.nodeName)).size).toBe(2);

    await endBurst(embedded);
    expect(instancesByState(embedded)).toEqual({ stopped: pool(embedded)?.status?.total });
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("serves bursts with the nodes that came back, and starts just what each of them needs", async () => {
    const embedded = await startStratos({ seed: 7 });
    await quickStart(embedded, QUICK_TO_STOP);
    for (const count of [1, 5]) {
      await apply(embedded, burstOf(count));
      await untilRunning(embedded, count);
      await endBurst(embedded);
    }
    expect(callsOf(embedded, "StartInstances").map(({ ids }) => ids.length)).toEqual([1, 3]);
  });

  it("leaves nothing behind when the pool is deleted", async () => {
    const embedded = await startStratos({ seed: 9 });
    await quickStart(embedded);
    await apply(embedded, burstOf(2));
    await untilRunning(embedded, 2);
    await embedded.kube.client.delete("/apis/stratos.sh/v1alpha1/nodepools/workers");
    await embedded.until("the pool is gone", () => pool(embedded) === undefined, { withinMs: 20 * MINUTE });
    expect(instancesByState(embedded)).toEqual({});
    expect(embedded.kube.store.list("nodes")).toEqual([]);
  });
});
