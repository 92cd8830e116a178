import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import { tolerateAllDeployment } from "../../local/kubernetes/actors/tolerate-all.ts";
import type { PodObject } from "../../local/kubernetes/objects/objects.ts";
import {
  burstPods,
  callsOf,
  endBurst,
  eventsOf,
  instancesByState,
  isSettled,
  MINUTE,
  NO_MORE,
  pool,
  serveOne,
  shareStratos,
} from "./stratos.ts";

const untilReplaced = (environment: Environment, uid: string | undefined) =>
  environment.until(
    "a replacement pod runs and the first pod is gone",
    () => {
      const pods = burstPods(environment);
      return (
        pods.length === 1 && pods.every(({ metadata, status }) => metadata.uid !== uid && status?.phase === "Running")
      );
    },
    { withinMs: 10 * MINUTE },
  );

const stratos = shareStratos();

const anyStopped = ({ ec2 }: Environment): string =>
  ec2.machines.list().find(({ state }) => state === "stopped")?.instanceId ?? "";

describe("an instance that someone outside Stratos", () => {
  it("stops while pods run on it returns to standby, and the pods run elsewhere at once", async () => {
    const environment = await stratos(NO_MORE);
    const { uid, instanceId } = await serveOne(environment);
    environment.ec2.faults.stop(instanceId);
    await untilReplaced(environment, uid);
    expect(eventsOf(environment, "ScaleDown").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(
        new RegExp(`${instanceId} was stopped from outside .+, and default/burst-.* ended with it`),
      ),
    );
    await endBurst(environment);
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
  });

  it("starts from standby is stopped again", async () => {
    const environment = await stratos();
    const instanceId = anyStopped(environment);
    environment.ec2.faults.start(instanceId);
    await environment.until("the event is emitted", () => eventsOf(environment, "ScaleDown").length > 0, {
      withinMs: 2 * MINUTE,
    });
    // The pool's status may be older than the state of its instances.
    const isStopped = () => isSettled(environment, 3) && instancesByState(environment).stopped === 3;
    await environment.until("all are standby", isStopped, { withinMs: 5 * MINUTE });
    expect(instancesByState(environment)).toEqual({ stopped: 3 });
    expect(callsOf(environment, "StopInstances").map(({ ids }) => ids)).toEqual([[instanceId]]);
  });

  it("terminates while pods run on it is dropped from the pool and replaced", async () => {
    const environment = await stratos(NO_MORE);
    const { uid, instanceId } = await serveOne(environment);
    environment.ec2.faults.terminate(instanceId);
    await untilReplaced(environment, uid);
    expect(eventsOf(environment, "InstanceLost").map(({ message }) => message)).toEqual([
      expect.stringContaining(instanceId),
    ]);
    await endBurst(environment);
    expect(pool(environment)?.status?.standby).toBeGreaterThanOrEqual(3);
  });

  it("binds a pod to in standby is started for it", async () => {
    const environment = await stratos();
    environment.kube.store.create("deployments.apps", tolerateAllDeployment("operator"));
    const operator = () =>
      environment.kube.store.list<PodObject>("pods").find(({ metadata }) => metadata.name.startsWith("operator-"));
    await environment.until("the pod runs", () => operator()?.status.phase === "Running", { withinMs: 2 * MINUTE });
    expect(callsOf(environment, "StartInstances").flatMap(({ ids }) => ids)).toHaveLength(1);
    expect(eventsOf(environment, "PodOnStandby").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^starting \S+: default\/operator-\S+ was bound there while it was standby$/),
    ]);
    await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/operator");
  });

  it("terminates in standby is replaced", async () => {
    const environment = await stratos();
    const instanceId = anyStopped(environment);
    environment.ec2.faults.terminate(instanceId);
    await environment.until("the event is emitted", () => eventsOf(environment, "InstanceLost").length === 1, {
      withinMs: 2 * MINUTE,
    });
    const isReplaced = () => isSettled(environment, 3) && instancesByState(environment).stopped === 3;
    await environment.until("three are standby", isReplaced, { withinMs: 10 * MINUTE });
    expect(instancesByState(environment)).toEqual({ stopped: 3 });
  });
});
