import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import { burstPods, callsOf, endBurst, instancesByState, MINUTE, serveOne, told } from "./stratos.ts";

const untilMoved = (embedded: Environment, from: string) =>
  embedded.until(
    "the pod runs elsewhere",
    () => {
      const [pod] = burstPods(embedded).filter(({ status }) => status?.phase === "Running");
      const machine = embedded.ec2.machines.list().find(({ privateDnsName }) => privateDnsName === pod?.spec.nodeName);
      return pod !== undefined && machine !== undefined && machine.instanceId !== from;
    },
    { withinMs: 90 * MINUTE },
  );

describe("a node", () => {
  it("whose host is to be retired is drained ahead of it, stopped, and serves again from another host", async () => {
    const { embedded, instanceId } = await serveOne();
    embedded.ec2.faults.schedule(instanceId, "instance-retirement", embedded.clock.now() + 70 * MINUTE);
    await embedded.until("it is told", () => told(embedded, "EventScheduled").length === 1, { withinMs: 3 * MINUTE });
    await embedded.until("it is drained", () => told(embedded, "ScheduledEvent").length === 1, {
      withinMs: 15 * MINUTE,
    });
    await untilMoved(embedded, instanceId);
    await endBurst(embedded);
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
    expect(told(embedded, "EventScheduled")).toHaveLength(1);
  });

  it("whose guest fails its checks is drained and replaced", async () => {
    const { embedded, instanceId } = await serveOne();
    embedded.ec2.faults.impair(instanceId, "instance");
    await untilMoved(embedded, instanceId);
    await embedded.until("it is ended", () => callsOf(embedded, "TerminateInstances").length > 0, {
      withinMs: 10 * MINUTE,
    });
    expect(callsOf(embedded, "TerminateInstances").flatMap(({ ids }) => ids)).toEqual([instanceId]);
    await endBurst(embedded);
    expect(instancesByState(embedded)).toMatchObject({ stopped: expect.any(Number) });
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("whose kubelet is gone for half an hour is replaced, and its pods end", async () => {
    const { embedded, instanceId, nodeName, uid } = await serveOne();
    embedded.kube.nodeFaults.killKubelet(nodeName);
    await untilMoved(embedded, instanceId);
    await embedded.until("it is ended", () => callsOf(embedded, "TerminateInstances").length > 0, {
      withinMs: 60 * MINUTE,
    });
    await embedded.until("its pod is gone", () => burstPods(embedded).every(({ metadata }) => metadata.uid !== uid), {
      withinMs: 10 * MINUTE,
    });
    expect(told(embedded, "NodeUnready")).toHaveLength(1);
    await endBurst(embedded);
  });
});
