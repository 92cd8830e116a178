import { describe, expect, it } from "vitest";
import type { Embedded } from "../../local/environment/start.ts";
import {
  burstPods,
  callsOf,
  endBurst,
  instancesByState,
  isAtRest,
  MINUTE,
  pool,
  quickStart,
  serveOne,
  startStratos,
  told,
} from "./stratos.ts";

const untilReplaced = (embedded: Embedded, uid: string | undefined) =>
  embedded.until(
    "another pod runs, and none is left of the first",
    () => {
      const pods = burstPods(embedded);
      return (
        pods.length === 1 && pods.every(({ metadata, status }) => metadata.uid !== uid && status?.phase === "Running")
      );
    },
    { withinMs: 10 * MINUTE },
  );

describe("an instance that someone else", () => {
  it("stops under its pods is standby again, and the pods run elsewhere at once", async () => {
    const { embedded, uid, instanceId } = await serveOne();
    embedded.ec2.faults.stop(instanceId);
    await untilReplaced(embedded, uid);
    expect(told(embedded, "ScaleDown").map(({ message }) => message)).toContainEqual(
      expect.stringMatching(new RegExp(`${instanceId} was stopped from outside, and default/burst-.* ended with it`)),
    );
    await endBurst(embedded);
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
  });

  it("starts from standby is stopped again", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    const [{ instanceId = "" } = {}] = embedded.ec2.machines.list();
    embedded.ec2.faults.start(instanceId);
    await embedded.until("it is told", () => told(embedded, "ScaleDown").length > 0, { withinMs: 2 * MINUTE });
    // The pool's status may still be of the time before.
    const isStopped = () => isAtRest(embedded, 3) && instancesByState(embedded).stopped === 3;
    await embedded.until("all are standby", isStopped, { withinMs: 5 * MINUTE });
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    expect(callsOf(embedded, "StopInstances").map(({ ids }) => ids)).toEqual([[instanceId]]);
  });

  it("terminates under its pods is forgotten and replaced", async () => {
    const { embedded, uid, instanceId } = await serveOne();
    embedded.ec2.faults.terminate(instanceId);
    await untilReplaced(embedded, uid);
    expect(told(embedded, "InstanceLost").map(({ message }) => message)).toEqual([expect.stringContaining(instanceId)]);
    await endBurst(embedded);
    expect(pool(embedded)?.status?.standby).toBeGreaterThanOrEqual(3);
  });

  it("terminates in standby is replaced", async () => {
    const embedded = await startStratos();
    await quickStart(embedded);
    const [{ instanceId = "" } = {}] = embedded.ec2.machines.list();
    embedded.ec2.faults.terminate(instanceId);
    await embedded.until("it is told", () => told(embedded, "InstanceLost").length === 1, { withinMs: 2 * MINUTE });
    await embedded.until("three are standby", () => isAtRest(embedded, 3), { withinMs: 10 * MINUTE });
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
  });
});
