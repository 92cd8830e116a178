/** Faults of calls, messages and AWS, each with a rate of its own, while the world is hostile. */
import { usualBusFaults } from "../../local/aws/eventbridge/faults.ts";
import type { CallFaults } from "./call-faults.ts";
import type { FaultName, Feature } from "./features.ts";
import { instanceTypeOf } from "./node-class.ts";
import { between, chance, choose, integer, type Random, streamOf } from "./random.ts";
import { type Scenario, ZONES } from "./scenario.ts";
import { atRandom } from "./times.ts";
import type { SimulatedWorld } from "./world.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

type Occurrence = (world: SimulatedWorld, random: Random, faults: CallFaults, scenario: Scenario) => void;

const anyInstance = ({ ec2 }: SimulatedWorld, random: Random) =>
  choose(
    random,
    ec2.world.instances.all().filter(({ state }) => state !== "terminated"),
  );

const UNDO_REASONS = ["Client.InternalError", "Client.VolumeLimitExceeded", "Server.InternalError"] as const;

/** What happens at some times; each ends by itself, at the latest when the hostile time ends. */
const OCCURRENCES: Readonly<Partial<Record<FaultName, Occurrence>>> = {
  outages: ({ clock }, random, faults) => {
    const service = choose(random, ["ec2", "kube", "dynamodb"] as const) ?? "ec2";
    faults.takeDown(service, clock.now() + between(random, 20 * SECOND, 4 * MINUTE));
  },
  "outdated reads": ({ ec2, clock }, random) => {
    ec2.faults.lagReads(between(random, SECOND, 45 * SECOND));
    clock.after(2 * MINUTE, () => ec2.faults.lagReads(0));
  },
  "undone starts": ({ ec2, clock }, random) => {
    const zone = choose(random, ZONES);
    const reason = choose(random, UNDO_REASONS) ?? "Client.InternalError";
    ec2.faults.failStarts((instance) => instance.zone === zone, reason);
    clock.after(between(random, 1, 15) * MINUTE, () => ec2.faults.failStarts([], reason));
  },
  "undone launches": ({ ec2 }, random) =>
    ec2.faults.failLaunches(integer(random, 1, 3), choose(random, UNDO_REASONS) ?? "Client.InternalError"),
  "no capacity": ({ ec2, clock }, random, _, scenario) => {
    const zone = choose(random, ZONES) ?? "us-east-1a";
    const instanceType = instanceTypeOf(scenario);
    ec2.faults.setCapacity(zone, instanceType, integer(random, 0, 1));
    clock.after(4 * MINUTE, () => ec2.faults.clearCapacity(zone, instanceType));
  },
  "slow stops": ({ ec2, clock }, random) => {
    ec2.faults.slowStops(between(random, MINUTE, 4 * MINUTE));
    clock.after(5 * MINUTE, () => ec2.faults.slowStops(0));
  },
  "hanging stops": (world, random) => {
    const instance = anyInstance(world, random);
    if (instance) world.ec2.faults.hangStops([instance.id]);
  },
  "dead forwarder": ({ forwarder }, random) => forwarder.crash(between(random, 5 * SECOND, 5 * MINUTE)),
  "lost table": ({ documents, hooks }) => {
    documents.clear();
    for (const hook of hooks.onTableLost) hook();
  },
  "late looks": ({ clock, functions }, random) => {
    const minutes = chance(random, 0.1) ? 60 : between(random, 0.2, 8);
    functions.pauseUntil(clock.now() + minutes * MINUTE);
  },
  "cold starts": ({ functions }) => functions.endIdle(),
};

/** The mean time between two occurrences of a fault with rate 1. */
const MEAN_MS: Readonly<Partial<Record<FaultName, number>>> = {
  "lost table": 10 * MINUTE,
  outages: 5 * MINUTE,
  "late looks": 5 * MINUTE,
  "cold starts": MINUTE,
};

/** Lets the scenario's faults happen. Returns what ends all of them. */
export const startFaults = (world: SimulatedWorld, scenario: Scenario, faults: CallFaults): (() => void) => {
  const { seed, rates } = scenario;
  const { busFaults, queueFaults } = world.messaging;
  const usual = usualBusFaults();
  const rate = (feature: Feature) => rates[feature] ?? 0;
  busFaults.drop = rate("lost events") * 0.5;
  busFaults.duplicate = rate("doubled messages") * 0.3;
  busFaults.late = rate("late events") * 0.3;
  busFaults.delayMs = [usual.delayMs[0], 60 * SECOND];
  busFaults.reorder = rate("late events") * 0.3;
  queueFaults.duplicate = rate("doubled messages") * 0.2;
  queueFaults.reorder = rate("late events") * 0.5;
  const stops = Object.entries(OCCURRENCES).flatMap(([name, occur]) => {
    const feature = name as FaultName;
    if (rate(feature) === 0) return [];
    const random = streamOf(seed, `fault ${name}`);
    const meanMs = (MEAN_MS[feature] ?? 3 * MINUTE) / rate(feature);
    return atRandom(world.clock, random, meanMs, () => {
      world.trace.add("fault", name);
      occur(world, random, faults, scenario);
    });
  });
  return () => {
    for (const stop of stops) stop();
    faults.stop();
    Object.assign(busFaults, { drop: 0, duplicate: 0, late: 1, delayMs: [0, 0], reorder: 0 });
    Object.assign(queueFaults, { duplicate: 0, reorder: 0 });
    calmEc2(world, scenario);
    world.functions.pauseUntil(0);
  };
};

/** A stop that hangs is ended by force, as its owner would. */
const calmEc2 = ({ ec2 }: SimulatedWorld, scenario: Scenario): void => {
  ec2.faults.lagReads(0);
  ec2.faults.failStarts([], "Client.InternalError");
  ec2.faults.failLaunches(0, "Client.InternalError");
  ec2.faults.slowStops(0);
  ec2.faults.hangStops([]);
  for (const zone of ZONES) ec2.faults.clearCapacity(zone, instanceTypeOf(scenario));
};
