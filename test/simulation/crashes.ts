/** A short life of a pool, repeated with a fault at each of its calls, and at pairs of them. */
import type { Call, Fate } from "./call.ts";
import { type CallFaults, createCallFaults } from "./call-faults.ts";
import type { Violation } from "./checks/check.ts";
import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";

const SECOND = 1_000;

/** A pool warms up, starts a node for a pod, returns it to standby, and is deleted. */
export const SHORT_LIFE: Scenario = {
  seed: 1,
  network: "vpc-cni",
  pools: [
    {
      name: "pool",
      spec: {
        poolSize: 2,
        minStandby: 1,
        template: { nodeClassRef: { kind: "AWSNodeClass", name: "workers" }, labels: { team: "pool" } },
        preWarm: { timeout: "6m" },
        scaleUp: { startTimeout: "2m" },
        scaleDown: { emptyNodeTTL: "20s", drainTimeout: "1m", surplusStandbyTTL: "1m" },
      },
    },
  ],
  hasRole: false,
  hasGpus: false,
  workloads: [{ name: "web", kind: "Deployment", volumeZone: undefined, pool: "pool", cpu: "1500m", maxReplicas: 1 }],
  rates: {},
  hostileMs: 200 * SECOND,
  script: [
    { atMs: 90 * SECOND, replicas: 1 },
    { atMs: 140 * SECOND, replicas: 0 },
  ],
  deletesPools: true,
  isQuiet: false,
};

/** What happens at a call of a function; the calls are counted from 1. */
export interface PlannedFault {
  readonly at: number;
  readonly fate: Fate;
}

export const FATES: readonly Fate[] = ["crash before", "crash after", "fail", "lose the answer"];

/** Faults at these calls only. */
const faultsAt = (scenario: Scenario, planned: readonly PlannedFault[]): CallFaults & { count(): number } => {
  const fates = new Map(planned.map(({ at, fate }) => [at, fate]));
  const usual = createCallFaults(scenario);
  let count = 0;
  return {
    ...usual,
    count: () => count,
    plan: (call: Call, now) => {
      const plan = usual.plan(call, now);
      if (call.process.name.startsWith("forwarder")) return plan;
      count += 1;
      return { ...plan, fate: fates.get(count) ?? "succeed" };
    },
  };
};

/** The number of calls that functions make without faults. */
export const countCalls = async (scenario: Scenario): Promise<number> => {
  const callFaults = faultsAt(scenario, []);
  await runScenario(scenario, { keep: 0, reads: false, callFaults });
  return callFaults.count();
};

export const runWithFaults = async (
  scenario: Scenario,
  planned: readonly PlannedFault[],
  keep = 0,
): Promise<{ readonly violation: Violation | undefined; readonly trace: readonly string[] }> =>
  runScenario(scenario, { keep, reads: false, callFaults: faultsAt(scenario, planned) });

/** `12:crash after` and the like, as the command line takes them. */
export const describeFaults = (planned: readonly PlannedFault[]): string =>
  planned.map(({ at, fate }) => `${at}:${fate}`).join(",");

export const parseFaults = (text: string): readonly PlannedFault[] =>
  text.split(",").map((part) => {
    const [at, fate] = part.split(":");
    if (!FATES.includes(fate as Fate)) throw new Error(`${part}: not one of ${FATES.join(", ")}`);
    return { at: Number(at), fate: fate as Fate };
  });
