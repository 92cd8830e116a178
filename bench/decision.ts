/** How long it takes from a warm event to the call that starts an instance. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Environment, startEnvironment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";
import { DETAIL_TYPE, FORWARDER_SOURCE } from "../shared/model/events.ts";
import { percentiles } from "./percentiles.ts";
import { CLUSTER, onlyDemand, type Stage, setStage } from "./stage.ts";

const SAMPLES = 200;
/** Connections, tokens and compiled code are there afterwards, as in a function that has been called before. */
const WARMUPS = 10;
const LONGEST_WAIT_MS = 15_000;
const POLL_MS = 2;
/** Demand keeps to the two starts a second that EC2 allows; so do the samples, or that is all that would be measured. */
const LEAST_BETWEEN_STARTS_MS = 505;

const MEASURED =
  "One pod that the scheduler has found unschedulable, one standby instance, one pool. endToEndMs: from the forwarder's event on the " +
  "bus to StartInstances answered by EC2, at speed 1; in it are the simulated latencies of EventBridge (30 to 150 ms) and of Lambda's " +
  "poll of SQS (16 ms). functionMs: from the invocation of demand to that answer; in it are the real bundle in a worker thread, the " +
  "lease and the records in DynamoDB (dynalite), three lists from the API server over HTTPS, SigV4, the check of each call against " +
  "the role's policies, and EC2's query protocol, all on loopback. Not in them: the scheduler, the forwarder's watch and PutEvents, " +
  "cold starts, the network, and whatever AWS's services take longer than the simulated ones. The other functions are asleep.";

interface Sample {
  readonly endToEndMs: number;
  readonly functionMs: number;
}

interface PodObject extends KubeObject {
  status?: { conditions?: { type: string; reason?: string }[] };
}

const aPod = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: { containers: [{ name: "main", image: "pause", resources: { requests: { cpu: "800m" } } }] },
  status: { phase: "Pending" },
});

/** In real time, which at speed 1 is the clock's. */
const wait = async <T>(description: string, find: () => T | undefined): Promise<T> => {
  const giveUpAt = performance.now() + LONGEST_WAIT_MS;
  for (let found = find(); ; found = find()) {
    if (found !== undefined) return found;
    if (performance.now() > giveUpAt) throw new Error(`${description}: not within ${LONGEST_WAIT_MS / 1000} s`);
    await sleep(POLL_MS);
  }
};

const sample = async (embedded: Environment, stage: Stage, name: string): Promise<Sample> => {
  const { kube, clock, ec2, functions, bus } = embedded;
  await stage.reset();
  kube.store.create("pods", aPod(name));
  await wait("the pod is unschedulable", () =>
    kube.store
      .get<PodObject>("pods", name, "default")
      ?.status?.conditions?.find(({ reason }) => reason === "Unschedulable"),
  );
  const before = ec2.calls().length;
  const putAt = clock.now();
  bus.put("stratos", {
    source: FORWARDER_SOURCE,
    detailType: DETAIL_TYPE.podsUnschedulable,
    detail: { cluster: CLUSTER },
  });
  const call = await wait("the instance is started", () =>
    ec2
      .calls()
      .slice(before)
      .find(({ action, error }) => action === "StartInstances" && error === undefined),
  );
  const invocation = await wait("demand has finished", () =>
    functions.invocations("demand").findLast(({ startedAt, endedAt }) => startedAt <= call.at && call.at <= endedAt),
  );
  kube.store.remove("pods", name, "default", { gracePeriodSeconds: 0 });
  return { endToEndMs: call.at - putAt, functionMs: call.at - invocation.startedAt };
};

/** 200 samples, one after another; takes about a minute and a half. */
export const benchDecision = async (assembly: string, progress: (line: string) => void) => {
  const embedded = await startEnvironment({ speed: 1, assembly, changeTemplate: onlyDemand });
  try {
    // The events come from here; EC2's limit of two starts a second would be all that is measured.
    await embedded.forwarder.stop();
    embedded.ec2.faults.setThrottling(false);
    const stage = await setStage(embedded);
    const samples: Sample[] = [];
    let startedAt = 0;
    for (let count = 1 - WARMUPS; count <= SAMPLES; count += 1) {
      await sleep(Math.max(0, startedAt + LEAST_BETWEEN_STARTS_MS - performance.now()));
      startedAt = performance.now();
      const measured = await sample(embedded, stage, `pod-${count + WARMUPS}`);
      if (count > 0) samples.push(measured);
      if (count % 50 === 0) progress(`decision: ${count} of ${SAMPLES} samples`);
    }
    return {
      measured: MEASURED,
      samples: SAMPLES,
      endToEndMs: percentiles(samples.map(({ endToEndMs }) => endToEndMs)),
      functionMs: percentiles(samples.map(({ functionMs }) => functionMs)),
    };
  } finally {
    await embedded.stop();
  }
};
