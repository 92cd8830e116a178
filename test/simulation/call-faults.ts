/** Faults of calls: each may be late, fail, lose its answer, or be the last one of its process. */
import { KubeError } from "../../shared/kube/client.ts";
import type { Call, CallPlan, Fate, Service } from "./call.ts";
import type { Feature } from "./features.ts";
import { between, chance, choose, streamOf } from "./random.ts";
import type { Scenario } from "./scenario.ts";

const SECOND = 1_000;

/** At a rate of 1: one call of twenty-five crashes, fails or loses its answer. */
const PER_CALL = 0.04;

const LATENCY_MS: Readonly<Record<Service, readonly [min: number, max: number]>> = {
  dynamodb: [3, 12],
  kube: [5, 40],
  sqs: [5, 20],
  eventbridge: [10, 40],
  ec2: [80, 600],
  iam: [80, 400],
  ssm: [20, 100],
};

const TIMEOUT_MS = 10 * SECOND;

const timeout = () => Object.assign(new Error("no response within 10000 ms"), { name: "TimeoutError" });

const sdkError = (name: string, fault: "client" | "server") =>
  Object.assign(new Error(`${name}: no`), { name, $fault: fault });

/** What the clients throw after their own attempts. */
const ERRORS: Readonly<Record<Service, readonly (() => Error)[]>> = {
  dynamodb: [
    () => sdkError("InternalServerError", "server"),
    // Without permission for a moment, as after a change of a policy: a client's fault that says nothing of EC2.
    () => sdkError("AccessDeniedException", "client"),
    timeout,
  ],
  sqs: [() => sdkError("InternalError", "server")],
  eventbridge: [() => sdkError("InternalException", "server")],
  ec2: [() => sdkError("RequestLimitExceeded", "client"), () => sdkError("InternalError", "server"), timeout],
  iam: [() => sdkError("Throttling", "client"), () => sdkError("ServiceFailure", "server"), timeout],
  ssm: [() => sdkError("ThrottlingException", "client"), timeout],
  kube: [
    () => new KubeError(429, "Unknown", "HTTP 429"),
    () => new KubeError(500, "InternalError", "etcdserver: request timed out"),
    () => new Error("GET /", { cause: new Error("socket hang up") }),
  ],
};

/** Only what certainly did not happen may be reported as refused: an answer that was lost looks like a timeout. */
const LOST: Readonly<Record<Service, () => Error>> = {
  dynamodb: timeout,
  sqs: timeout,
  eventbridge: timeout,
  ec2: timeout,
  iam: timeout,
  ssm: timeout,
  kube: () => new Error("PATCH /", { cause: new Error("socket hang up") }),
};

export interface CallFaults {
  plan(call: Call, now: number): CallPlan;
  errorOf(call: Call, fate: Fate): Error;
  newSkewMs(): number;
  /** The service answers nothing until then. */
  takeDown(service: Service, until: number): void;
  stop(): void;
}

export const createCallFaults = ({ seed, rates }: Scenario): CallFaults => {
  const latencies = streamOf(seed, "latencies");
  const random = streamOf(seed, "call faults");
  const skews = streamOf(seed, "skews");
  const downUntil = new Map<Service, number>();
  let isOver = false;
  const rate = (feature: Feature) => (isOver ? 0 : (rates[feature] ?? 0));

  const fateOf = ({ process }: Call): Fate => {
    const draw = random();
    const crashes = process.name.startsWith("forwarder") ? 0 : rate("crashes") * PER_CALL;
    const fails = rate("failures") * PER_CALL;
    const loses = rate("lost answers") * PER_CALL;
    if (draw < crashes / 2) return "crash before";
    if (draw < crashes) return "crash after";
    if (draw < crashes + fails) return "fail";
    return draw < crashes + fails + loses ? "lose the answer" : "succeed";
  };

  return {
    plan: (call, now) => {
      const [min, max] = LATENCY_MS[call.service];
      const usual = between(latencies, min, max);
      if (now < (downUntil.get(call.service) ?? 0)) return { fate: "fail", delayMs: 3 * SECOND };
      const isSlow = chance(random, rate("slow calls") * PER_CALL);
      const delayMs = isSlow ? between(random, SECOND, TIMEOUT_MS) : usual;
      return { fate: fateOf(call), delayMs };
    },
    errorOf: ({ service }, fate) =>
      fate === "lose the answer" ? LOST[service]() : (choose(random, ERRORS[service]) ?? LOST[service])(),
    // Clocks of functions are synchronized: more than half a second apart is not expected.
    newSkewMs: () => ((rates["skewed clocks"] ?? 0) > 0 ? between(skews, -400, 400) : 0),
    takeDown: (service, until) => void downUntil.set(service, until),
    stop: () => {
      isOver = true;
      downUntil.clear();
    },
  };
};
