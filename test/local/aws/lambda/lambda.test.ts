import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createCredentials } from "../../../../local/aws/gateway/credentials.ts";
import type { FunctionDefinition } from "../../../../local/aws/lambda/environment.ts";
import { createLambda, type Lambda } from "../../../../local/aws/lambda/lambda.ts";
import { createClock, type VirtualClock } from "../../../../local/clock.ts";

const START = Date.UTC(2030, 0, 1);
const fixture = (name: string) => fileURLToPath(new URL(`./fixture/${name}`, import.meta.url));

interface Result {
  invocations: number;
  now: number;
  [field: string]: unknown;
}

describe("Lambda", () => {
  let clock: VirtualClock;
  let lambda: Lambda;
  let credentials: ReturnType<typeof createCredentials>;

  beforeEach(() => {
    clock = createClock(Number.POSITIVE_INFINITY, START);
    credentials = createCredentials();
    lambda = createLambda({ clock, credentials, endpointUrl: () => "http://127.0.0.1:9" });
  });
  afterEach(async () => {
    await lambda.stop();
    clock.stop();
  });

  const aFunction = (overrides: Partial<FunctionDefinition> = {}, owner = lambda): string =>
    owner.create({
      name: "pool",
      roleName: "pool-role",
      modulePath: fixture("index.mjs"),
      handlerName: "handler",
      timeoutMs: 5000,
      memoryMiB: 256,
      environment: { STRATOS_TABLE_NAME: "pools" },
      concurrency: 2,
      ...overrides,
    });
  const invoke = async (arn: string, event: object = {}) => (await lambda.invoke(arn, event)) as Result;

  it("gives the bundle the clock's time through every Date API", async () => {
    const arn = aFunction();
    await clock.sleep(86_400_000);
    const before = clock.now();
    const { now, newDate, startedAt, fixedDate, isDate } = await invoke(arn);
    expect(before).toBeGreaterThanOrEqual(START + 86_400_000);
    for (const time of [now, newDate, startedAt]) {
      expect(time).toBeGreaterThanOrEqual(before - 5);
      expect(time).toBeLessThanOrEqual(clock.now());
    }
    expect([fixedDate, isDate]).toEqual([0, true]);
  });

  it("gives the bundle its own environment and the role's credentials, and nothing from this process", async () => {
    const { environment, functionName, remainingMs } = await invoke(aFunction());
    expect(environment).toMatchObject({
      STRATOS_TABLE_NAME: "pools",
      AWS_REGION: "us-east-1",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_LAMBDA_FUNCTION_NAME: "pool",
    });
    const { AWS_ACCESS_KEY_ID = "", PATH } = environment as Record<string, string>;
    expect(credentials.find(AWS_ACCESS_KEY_ID)?.principal.roleName).toBe("pool-role");
    expect(PATH).toBeUndefined();
    expect(functionName).toBe("pool");
    expect(remainingMs).toBeGreaterThan(4000);
  });

  it("reuses a warm environment and starts more only for concurrent invocations, up to the concurrency", async () => {
    const arn = aFunction();
    await invoke(arn);
    expect((await invoke(arn)).invocations).toBe(2);
    const all = await Promise.all([1, 2, 3, 4].map(() => invoke(arn, { sleepMs: 20 })));
    const keys = new Set(
      all.map(({ environment }) => (environment as { AWS_ACCESS_KEY_ID: string }).AWS_ACCESS_KEY_ID),
    );
    expect(keys.size).toBe(2);
  });

  it("lets time pass at 1× while a function runs", async () => {
    const arn = aFunction();
    await invoke(arn);
    const before = clock.now();
    const realBefore = performance.now();
    await invoke(arn, { sleepMs: 50 });
    const realMs = performance.now() - realBefore;
    expect(clock.now() - before).toBeGreaterThanOrEqual(45);
    expect(clock.now() - before).toBeLessThanOrEqual(realMs + 5);
  });

  it("fails an invocation that throws and keeps its environment", async () => {
    const arn = aFunction();
    await expect(invoke(arn, { fail: "no pool" })).rejects.toThrow("TypeError: no pool");
    expect((await invoke(arn)).invocations).toBe(2);
  });

  it("replaces an environment that crashed or timed out", async () => {
    const arn = aFunction({ timeoutMs: 1000 });
    await expect(invoke(arn, { crash: true })).rejects.toThrow("thrown by a timer");
    await expect(invoke(arn, { sleepMs: 30_000 })).rejects.toThrow("Task timed out after 1.00 seconds");
    expect((await invoke(arn)).invocations).toBe(1);
  });

  it("reports a bundle that does not load or does not export the handler", async () => {
    await expect(invoke(aFunction({ modulePath: fixture("broken.mjs") }))).rejects.toThrow("cannot even load");
    await expect(invoke(aFunction({ name: "other", handlerName: "notAFunction" }))).rejects.toThrow(
      "does not export a function",
    );
  });

  it("keeps a function's output line by line and reads the metrics in it", async () => {
    const emf = {
      _aws: {
        Timestamp: 5,
        CloudWatchMetrics: [
          { Namespace: "Stratos", Dimensions: [["Cluster", "Pool"]], Metrics: [{ Name: "Standby", Unit: "Count" }] },
        ],
      },
      Cluster: "my-cluster",
      Pool: "workers",
      Standby: 3,
    };
    await invoke(aFunction(), { log: `hello\n${JSON.stringify(emf)}` });
    expect(lambda.logs("pool").map(({ text }) => text)).toEqual(["hello", JSON.stringify(emf)]);
    expect(lambda.metrics()).toEqual([
      {
        namespace: "Stratos",
        name: "Standby",
        unit: "Count",
        dimensions: { Cluster: "my-cluster", Pool: "workers" },
        values: [3],
        at: 5,
      },
    ]);
  });

  it("attempts an asynchronous invocation three times, one and then two minutes apart", async () => {
    lambda.invokeLater(aFunction(), { fail: "always" });
    await clock.sleep(600_000);
    const starts = lambda.invocations().map(({ startedAt }) => Math.round((startedAt - START) / 60_000));
    expect(starts).toEqual([0, 1, 3]);
  });

  it("attempts a throttled asynchronous invocation for six hours, ever more rarely", async () => {
    const arn = aFunction();
    lambda.throttle("pool", 3_600_000);
    lambda.invokeLater(arn, {});
    await clock.sleep(3_599_000);
    expect(lambda.invocations()).toEqual([]);
    await clock.sleep(301_000);
    expect(lambda.invocations().map(({ error }) => error)).toEqual([undefined]);
    lambda.throttle("pool", 7 * 3_600_000);
    lambda.invokeLater(arn, {});
    await clock.sleep(8 * 3_600_000);
    expect(lambda.invocations()).toHaveLength(1);
  });

  it("takes time for each cold start, but no real time, and none for a warm environment", async () => {
    const cold = createLambda({
      clock,
      credentials,
      endpointUrl: () => "http://127.0.0.1:9",
      coldStartMs: () => 60_000,
    });
    onTestFinished(() => cold.stop());
    const arn = aFunction(undefined, cold);
    const timed = async () => {
      const startedAt = clock.now();
      await cold.invoke(arn, {});
      return clock.now() - startedAt;
    };
    expect(await timed()).toBeGreaterThanOrEqual(60_000);
    expect(await timed()).toBeLessThan(60_000);
  });

  it("takes no real time either while another invocation waits for the environment", async () => {
    const coldStartMs = () => 600_000;
    const cold = createLambda({ clock, credentials, endpointUrl: () => "http://127.0.0.1:9", coldStartMs });
    onTestFinished(() => cold.stop());
    const arn = aFunction({ concurrency: 1 }, cold);
    const startedAt = clock.now();
    await Promise.all([cold.invoke(arn, {}), cold.invoke(arn, {})]);
    expect(clock.now() - startedAt).toBeGreaterThanOrEqual(600_000);
  });

  it("kills an environment in the middle of a matching call", async () => {
    const arn = aFunction();
    const { environment } = await invoke(arn);
    const key = credentials.find((environment as { AWS_ACCESS_KEY_ID: string }).AWS_ACCESS_KEY_ID);
    lambda.killWhen("pool", ({ name, index }) => name === "ec2:StartInstances" && index === 2);
    const running = invoke(arn, { sleepMs: 5000 });
    const failed = expect(running).rejects.toThrow("Killed during ec2:StartInstances");
    await new Promise(setImmediate);
    if (key) for (const name of ["dynamodb:PutItem", "ec2:StartInstances"]) credentials.called({ key, name });
    await failed;
    expect(credentials.find(key?.keyId ?? "")).toBeUndefined();
  });

  describe("with a thread that an environment of another cloud has left", () => {
    const modulePath = fixture("bundle.cjs");

    /** Another cloud, whose clock starts a day later. */
    const another = () => {
      const own = createClock(Number.POSITIVE_INFINITY, START + 86_400_000);
      const other = createLambda({ clock: own, credentials, endpointUrl: () => "http://127.0.0.1:8" });
      onTestFinished(async () => {
        await other.stop();
        own.stop();
      });
      return other;
    };

    it("evaluates the bundle anew, with its own variables, time and output", async () => {
      const first = await invoke(aFunction({ modulePath, environment: { ONLY_FIRST: "1" } }));
      await lambda.stop();
      const other = another();
      const arn = aFunction({ modulePath }, other);
      const second = (await other.invoke(arn, { log: "hello" })) as Result;
      expect(second).toMatchObject({ threadId: first.threadId, invocations: 1 });
      expect(second.loadedAt).toBeGreaterThanOrEqual(START + 86_400_000);
      expect(second.environment).toMatchObject({ AWS_ENDPOINT_URL: "http://127.0.0.1:8", STRATOS_TABLE_NAME: "pools" });
      expect(second.environment).not.toHaveProperty("ONLY_FIRST");
      expect(lambda.logs("pool")).toEqual([]);
      expect(other.logs("pool").map(({ text }) => text)).toEqual(["hello"]);
    });

    it("starts another thread if that environment was at work", async () => {
      const arn = aFunction({ modulePath });
      const { threadId } = await invoke(arn);
      const running = expect(invoke(arn, { sleepMs: 5000 })).rejects.toThrow("The runtime stopped");
      await new Promise(setImmediate);
      await lambda.stop();
      await running;
      const other = another();
      const result = (await other.invoke(aFunction({ modulePath }, other), {})) as Result;
      expect(result.threadId).not.toBe(threadId);
    });
  });
});
