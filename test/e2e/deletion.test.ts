import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  allCallsOf,
  apply,
  burstOf,
  callsOf,
  condition,
  eventsOf,
  instancesByState,
  MINUTE,
  NO_MORE,
  ONE_INSTANCE,
  pool,
  quickStartWith,
  shareStratos,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const STRATOS = "/apis/stratos.sh/v1alpha1";

const stratos = shareStratos();

const living = ({ ec2 }: Environment) =>
  ec2.machines.list().flatMap(({ state, instanceId }) => (state === "terminated" ? [] : [instanceId]));

const deletePool = ({ kube }: Environment) => kube.client.delete(`${STRATOS}/nodepools/workers`);

const untilGone = (environment: Environment) =>
  environment.until("the pool is gone", () => pool(environment) === undefined, { withinMs: 40 * MINUTE });

const expectNothingLeft = (environment: Environment) => {
  expect(instancesByState(environment)).toEqual({});
  expect(environment.kube.store.list("nodes")).toEqual([]);
};

describe("a pool that is deleted", () => {
  it("keeps a protected instance, names it, and is removed once the protection is off", async () => {
    const environment = await stratos({ reconciliationInterval: "2m" });
    const [kept = ""] = living(environment);
    environment.ec2.faults.protect(kept, true);
    await deletePool(environment);
    await environment.until("the others are gone", () => instancesByState(environment).stopped === 1, {
      withinMs: 5 * MINUTE,
    });
    await environment.until("the event is emitted", () => eventsOf(environment, "CleanupFailed").length > 0, {
      withinMs: MINUTE,
    });
    expect(eventsOf(environment, "CleanupFailed")[0]?.message).toContain(kept);
    const isDegraded = () => condition(environment, "Degraded") === "True CloudProviderError";
    await environment.until("the pool is degraded", isDegraded, { withinMs: MINUTE });

    const asked = () => allCallsOf(environment, "TerminateInstances").length;
    const before = asked();
    await environment.clock.sleep(30 * MINUTE);
    expect(asked() - before).toBeGreaterThanOrEqual(2);
    expect(asked() - before).toBeLessThan(8);

    environment.ec2.faults.protect(kept, false);
    await untilGone(environment);
    expectNothingLeft(environment);
  });

  it("is removed even when its node class was deleted first", async () => {
    const environment = await stratos(NO_MORE);
    await apply(environment, burstOf(2));
    await untilRunning(environment, 2);
    await environment.kube.client.delete(`${STRATOS}/awsnodeclasses/workers`);
    await environment.kube.client.patch(`${STRATOS}/awsnodeclasses/workers`, "merge", {
      metadata: { finalizers: null },
    });
    await environment.until(
      "the class is reported missing",
      () => condition(environment, "Degraded") === "True NodeClassNotFound",
      {
        withinMs: 5 * MINUTE,
      },
    );
    await deletePool(environment);
    await untilGone(environment);
    expectNothingLeft(environment);
    expect(callsOf(environment, "TerminateInstances").length).toBeGreaterThan(0);
  });

  it("is removed in the middle of its first warmup", async () => {
    const environment = await startStratos();
    const warming = () => instancesByState(environment).running === 1;
    await apply(environment, quickStartWith(ONE_INSTANCE));
    await environment.until("its instance boots", warming, { withinMs: 2 * MINUTE });
    await deletePool(environment);
    await untilGone(environment);
    expectNothingLeft(environment);
  });
});
