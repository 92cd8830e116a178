/** How long it takes from an event to the call that starts an instance, with warm functions. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Environment, startEnvironment } from "../local/environment/start.ts";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";
import { DETAIL_TYPE, forwarderSource } from "../shared/model/events.ts";
import { percentiles } from "./percentiles.ts";
import { CLUSTER, onlyDemand, type Stage, setStage } from "./stage.ts";

const SAMPLES = 200;
/** After these, connections, tokens and compiled code are warm, as in a function that has been invoked before. */
const WARMUPS = 10;
const WAIT_TIMEOUT_MS = 15_000;
const POLL_MS = 2;
/** EC2 allows two starts per second, and demand keeps to that rate. Faster samples would only measure its waiting. */
const MIN_BETWEEN_STARTS_MS = 505;

const MEASURED =
  "One unschedulable pod, one standby instance, one pool. endToEndMs: from the forwarder's event on the bus to EC2's response to " +
  "StartInstances, at speed 1. It includes the simulated latencies of EventBridge (30 to 150 ms) and of Lambda's poll of SQS (16 ms). " +
  "functionMs: from the invocation of demand to that response. It includes the real bundle in a worker thread, the lease and the records in " +
  "DynamoDB (dynalite), three lists from the API server over HTTPS, SigV4, the check of each call against the role's policies, and EC2's " +
  "query protocol, all on loopback. Neither includes the scheduler, the forwarder's watch and PutEvents, cold starts, the network, or the " +
  "time by which AWS's services are slower than the simulated ones. The other functions are disabled.";

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

/** Waits in real time, which equals the clock's time at speed 1. */
const wait = async <T>(description: string, find: () => T | undefined): Promise<T> => {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  for (let found = find(); ; found = find()) {
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`${description}: not within ${WAIT_TIMEOUT_MS / 1000} s`);
    await sleep(POLL_MS);
  }
};

const sample = async (environment: Environment, stage: Stage, name: string): Promise<Sample> => {
  const { kube, clock, ec2, functions, bus } = environment;
  await stage.reset();
  kube.store.create("pods", aPod(name));
  await wait("the pod is unschedulable", () =>
    kube.store
      .get<PodObject>("pods", name, "default")
      ?.status?.conditions?.find(({ reason }) => reason === "Unschedulable"),
  );
  const before = ec2.calls().length;
  const sentAt = clock.now();
  bus.put("stratos", {
    source: forwarderSource(CLUSTER),
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
  return { endToEndMs: call.at - sentAt, functionMs: call.at - invocation.startedAt };
};

/** Takes 200 samples one after another, which takes about 90 s. */
export const benchDecision = async (assembly: string, progress: (line: string) => void) => {
  const environment = await startEnvironment({ speed: 1, assembly, messaging: "exact", changeTemplate: onlyDemand });
  try {
    // The samples send the events. Throttling is off because EC2's limit of two starts per second would dominate the result.
    await environment.forwarder.stop();
    environment.ec2.faults.setThrottling(false);
    const stage = await setStage(environment);
    const samples: Sample[] = [];
    let startedAt = 0;
    for (let count = 1 - WARMUPS; count <= SAMPLES; count += 1) {
      await sleep(Math.max(0, startedAt + MIN_BETWEEN_STARTS_MS - performance.now()));
      startedAt = performance.now();
      const measured = await sample(environment, stage, `pod-${count + WARMUPS}`);
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
    await environment.stop();
  }
};
