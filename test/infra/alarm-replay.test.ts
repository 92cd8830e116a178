/** A day of something that stays broken, replayed against the alarms of the template: they come on, and stay on until it is well again. */
import { describe, expect, test } from "vitest";
import { backoffMs } from "../../shared/queue/process-key.ts";
import { setup } from "../shared/reconcilers/sweep/setup.ts";
import { createWorld } from "../shared/reconcilers/world.ts";
import { type AlarmProperties, recordingTelemetry, replay, type Sample } from "./alarm-replay.ts";
import { synthesized } from "./synthesized.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const alarms = synthesized().findResources("AWS::CloudWatch::Alarm");

const definitionOf = (id: string): AlarmProperties => {
  const [found] = Object.entries(alarms).filter(([logicalId]) =>
    new RegExp(`^Stratos${id}[0-9A-F]{8}$`).test(logicalId),
  );
  return found?.[1].Properties;
};

const isOn = (id: string, samples: readonly Sample[], from: number, to: number) =>
  new Set(replay(definitionOf(id), samples, { from, to }));

const ALWAYS = new Set([true]);
const NEVER = new Set([false]);

/** A pool whose launches EC2 undoes for a day, reconciled every minute, and then carries out for two hours. */
const brokenPool = async () => {
  const world = createWorld({ spec: { poolSize: 3, minStandby: 2 } });
  const telemetry = recordingTelemetry(world.now);
  Object.assign(world.ports, { telemetry });
  world.ec2.faults.failLaunches(Number.POSITIVE_INFINITY, "Client.InternalError");
  const start = world.now();
  const until = async (end: number) => {
    while (world.now() < end) {
      await world.reconcilePool();
      world.advance(world.now() < start + DAY ? MINUTE : 10_000);
    }
  };
  await until(start + DAY);
  world.ec2.faults.failLaunches(0, "Client.InternalError");
  await until(start + DAY + 2 * HOUR);
  return { samples: telemetry.samples, start };
};

/** A pool's key that fails for a day, retried and swept as the functions do. */
const failingKey = async () => {
  const time = { now: 0 };
  const telemetry = { ...recordingTelemetry(() => time.now), counts: {} };
  const stage = setup(telemetry);
  const start = stage.time.now;
  const next = { failures: 0, at: start };
  for (; stage.time.now < start + DAY; stage.time.now += MINUTE) {
    time.now = stage.time.now;
    if (stage.time.now >= next.at) {
      next.failures += 1;
      next.at = stage.time.now + backoffMs(next.failures);
      telemetry.recordMetric("reconcileErrors", 1, { Cluster: "c", Function: "pool" });
      await stage.reconcile("c/p", { failures: next.failures, nextWakeAt: next.at });
    }
    await stage.run();
  }
  return { samples: telemetry.samples, start };
};

describe("a pool whose instances never warm up", () => {
  test("keeps its alarms for as long as it is broken, however rare its launches become", async () => {
    const { samples, start } = await brokenPool();
    const [settled, broken, well] = [start + 30 * MINUTE, start + DAY, start + DAY + 2 * HOUR];
    for (const id of ["WarmupsFailing", "NoStandby", "StandbyBelowTarget"]) {
      expect(isOn(id, samples, settled, broken), id).toEqual(ALWAYS);
      expect(isOn(id, samples, broken + HOUR, well), id).toEqual(NEVER);
    }
    expect(isOn("PoolDegraded", samples, settled, broken)).toEqual(NEVER);
  });
});

describe("a key that fails", () => {
  test("keeps its alarms, although it is retried every five minutes only", async () => {
    const { samples, start } = await failingKey();
    expect(isOn("KeyKeepsFailing", samples, start + HOUR, start + DAY)).toEqual(ALWAYS);
    expect(isOn("ReconcileErrors", samples, start + HOUR, start + DAY)).toEqual(ALWAYS);
  });
});
