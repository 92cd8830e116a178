import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  burstPods,
  callsOf,
  endBurst,
  eventsOf,
  instancesByState,
  MINUTE,
  NO_MORE,
  serveOne,
  shareStratos,
} from "./stratos.ts";

const stratos = shareStratos();

const untilMoved = (environment: Environment, from: string) =>
  environment.until(
    "the pod runs elsewhere",
    () => {
      const [pod] = burstPods(environment).filter(({ status }) => status?.phase === "Running");
      const machine = environment.ec2.machines
        .list()
        .find(({ privateDnsName }) => privateDnsName === pod?.spec.nodeName);
      return pod !== undefined && machine !== undefined && machine.instanceId !== from;
    },
    { withinMs: 90 * MINUTE },
  );

describe("a node", () => {
  it("on a host due for retirement is drained beforehand, stopped, and serves again from another host", async () => {
    const environment = await stratos(NO_MORE);
    const { instanceId } = await serveOne(environment);
    environment.ec2.faults.schedule(instanceId, "instance-retirement", environment.clock.now() + 70 * MINUTE);
    await environment.until("the event is emitted", () => eventsOf(environment, "EventScheduled").length === 1, {
      withinMs: 3 * MINUTE,
    });
    await environment.until("the node is drained", () => eventsOf(environment, "ScheduledEvent").length === 1, {
      withinMs: 15 * MINUTE,
    });
    await untilMoved(environment, instanceId);
    await endBurst(environment);
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
    expect(eventsOf(environment, "EventScheduled")).toHaveLength(1);
  });

  it("that fails its instance status check is drained and replaced", async () => {
    const environment = await stratos(NO_MORE);
    const { instanceId } = await serveOne(environment);
    environment.ec2.faults.impair(instanceId, "instance");
    await untilMoved(environment, instanceId);
    await environment.until("the instance is terminated", () => callsOf(environment, "TerminateInstances").length > 0, {
      withinMs: 10 * MINUTE,
    });
    expect(callsOf(environment, "TerminateInstances").flatMap(({ ids }) => ids)).toEqual([instanceId]);
    await endBurst(environment);
    expect(instancesByState(environment)).toMatchObject({ stopped: expect.any(Number) });
    expect(environment.functions.denials()).toEqual([]);
  });

  it("that EC2 interrupts is left for standby, and terminated, before that", async () => {
    const environment = await stratos(NO_MORE);
    const { instanceId, nodeName } = await serveOne(environment);
    environment.ec2.faults.becomeSpot(instanceId);
    environment.ec2.faults.interruptSpot(instanceId);
    await untilMoved(environment, instanceId);
    await environment.until(
      "the node object is gone",
      () => environment.kube.store.get("nodes", nodeName) === undefined,
      {
        withinMs: 10 * MINUTE,
      },
    );
    // EC2 has had nothing left to terminate.
    expect(callsOf(environment, "TerminateInstances").flatMap(({ ids }) => ids)).toEqual([instanceId]);
    expect(eventsOf(environment, "SpotInterruption").map(({ message }) => message)).toEqual([
      expect.stringMatching(new RegExp(`^EC2 will interrupt ${instanceId} .+; draining it$`)),
    ]);
    await endBurst(environment);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("whose kubelet is down for half an hour is replaced, and its pods are deleted", async () => {
    const environment = await stratos(NO_MORE);
    const { instanceId, nodeName, uid } = await serveOne(environment);
    environment.kube.nodeFaults.killKubelet(nodeName);
    await untilMoved(environment, instanceId);
    await environment.until("the instance is terminated", () => callsOf(environment, "TerminateInstances").length > 0, {
      withinMs: 60 * MINUTE,
    });
    await environment.until(
      "its pod is gone",
      () => burstPods(environment).every(({ metadata }) => metadata.uid !== uid),
      {
        withinMs: 10 * MINUTE,
      },
    );
    expect(eventsOf(environment, "NodeUnready")).toHaveLength(1);
    await endBurst(environment);
  });
});
