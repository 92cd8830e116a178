import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  callsOf,
  condition,
  example,
  instancesByState,
  MINUTE,
  pool,
  quickStart,
  startStratos,
  told,
  untilRunning,
} from "./stratos.ts";

const STRATOS = "/apis/stratos.sh/v1alpha1";

const deletePool = ({ kube }: Environment) => kube.client.delete(`${STRATOS}/nodepools/workers`);

const untilGone = (embedded: Environment) =>
  embedded.until("the pool is gone", () => pool(embedded) === undefined, { withinMs: 40 * MINUTE });

const expectNothingLeft = (embedded: Environment) => {
  expect(instancesByState(embedded)).toEqual({});
  expect(embedded.kube.store.list("nodes")).toEqual([]);
};

describe("a pool that is deleted", () => {
  it("goes but for a protected instance, which is named, and goes once it may", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    const [kept = ""] = embedded.ec2.machines.list().map(({ instanceId }) => instanceId);
    embedded.ec2.faults.protect(kept, true);
    await deletePool(embedded);
    await embedded.until("the others are gone", () => instancesByState(embedded).stopped === 1, {
      withinMs: 5 * MINUTE,
    });
    await embedded.until("it is told", () => told(embedded, "CleanupFailed").length > 0, { withinMs: MINUTE });
    expect(told(embedded, "CleanupFailed")[0]?.message).toContain(kept);
    const isDegraded = () => condition(embedded, "Degraded") === "True CloudProviderError";
    await embedded.until("the pool shows it", isDegraded, { withinMs: MINUTE });

    const asked = () => embedded.ec2.calls().filter(({ action }) => action === "TerminateInstances").length;
    const before = asked();
    await embedded.clock.sleep(30 * MINUTE);
    expect(asked() - before).toBeGreaterThanOrEqual(2);
    expect(asked() - before).toBeLessThan(8);

    embedded.ec2.faults.protect(kept, false);
    await untilGone(embedded);
    expectNothingLeft(embedded);
  });

  it("goes when its class was taken away before it", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    await apply(embedded, burstOf(2));
    await untilRunning(embedded, 2);
    await embedded.kube.client.delete(`${STRATOS}/awsnodeclasses/workers`);
    await embedded.kube.client.patch(`${STRATOS}/awsnodeclasses/workers`, "merge", { metadata: { finalizers: null } });
    await embedded.until("the class is missed", () => condition(embedded, "Degraded") === "True NodeClassNotFound", {
      withinMs: 5 * MINUTE,
    });
    await deletePool(embedded);
    await untilGone(embedded);
    expectNothingLeft(embedded);
    expect(callsOf(embedded, "TerminateInstances").length).toBeGreaterThan(0);
  });

  it("goes in the middle of its first warmup", async () => {
    const embedded = await startStratos();
    const warming = () => instancesByState(embedded).running === 3;
    await apply(embedded, [...example("quickstart/awsnodeclass.yaml"), ...example("quickstart/nodepool.yaml")]);
    await embedded.until("three boot", warming, { withinMs: 2 * MINUTE });
    await deletePool(embedded);
    await untilGone(embedded);
    expectNothingLeft(embedded);
  });
});
