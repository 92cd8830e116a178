import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  burstOf,
  callsOf,
  example,
  MINUTE,
  type NodeObject,
  ONE_INSTANCE,
  pool,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const REDIS = "public.ecr.aws/docker/library/redis:7.4";

/** The example with overrides of its pool's spec. */
const examplePool = (name: string, spec: object = {}): KubeObject[] =>
  example(`${name}/nodes.yaml`).map((object) =>
    object.kind === "NodePool" ? { ...object, spec: { ...(object.spec as object), ...spec } } : object,
  );

const untilStandby = (environment: Environment, name: string, count: number) =>
  environment.until(`${count} are standby`, () => pool(environment, name)?.status?.standby === count, {
    withinMs: 15 * MINUTE,
  });

const nodes = ({ kube }: Environment) => kube.store.list<NodeObject>("nodes");
const nodesOf = (environment: Environment, name: string) =>
  nodes(environment).filter(({ metadata }) => metadata.labels?.["stratos.sh/pool"] === name);
const taintKeys = (node: NodeObject | undefined) => (node?.spec.taints ?? []).map(({ key }) => key);
const living = ({ ec2 }: Environment) => ec2.world.instances.all().filter(({ state }) => state !== "terminated");
/** Whether every instance of the al2023 pool has: reads the consoles, because a node that powers off is gone before its kubelet reports the images. */
const havePulled = (environment: Environment, image: string): boolean =>
  living(environment)
    .filter(({ id }) => environment.ec2.world.tags.of(id)["stratos.sh/pool"] === "al2023")
    .every(({ console }) => console.includes(`stratos-warmup: pulled ${image}`));
const consoleLines = ({ ec2 }: Environment): string[] => ec2.world.instances.all().flatMap(({ console }) => console);
const degraded = (environment: Environment, name: string) =>
  pool(environment, name)?.status?.conditions?.find(({ type }) => type === "Degraded");

const aDaemonSet = (image: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "DaemonSet",
  metadata: { name: "agent", namespace: "kube-system" },
  spec: {
    selector: { matchLabels: { app: "agent" } },
    template: {
      metadata: { labels: { app: "agent" } },
      spec: { containers: [{ name: "agent", image }] },
    },
  },
});

const putDaemonSet = async ({ kube }: Environment, image: string): Promise<void> => {
  const daemonSet = aDaemonSet(image);
  const path = "/apis/apps/v1/namespaces/kube-system/daemonsets";
  const patched = await kube.client.patch(`${path}/agent`, "merge", { spec: daemonSet.spec });
  if (!patched) await kube.client.create(path, daemonSet);
};

/** One pod that fits only on the pool's nodes. */
const aBurstFor = (name: string): KubeObject[] =>
  JSON.parse(JSON.stringify(burstOf(1)).replace('"stratos.sh/pool":"workers"', `"stratos.sh/pool":"${name}"`));

describe("a class with a user data template", () => {
  it("for AL2 and AL2023 warms up with its images and becomes standby; AL2023 serves", async () => {
    const environment = await startStratos();
    await putDaemonSet(environment, "quay.io/agent:v1");
    await apply(environment, [...examplePool("al2"), ...examplePool("al2023", ONE_INSTANCE)]);
    await untilStandby(environment, "al2", 1);
    const [older] = nodesOf(environment, "al2");
    expect(older?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(taintKeys(older)).toEqual(expect.arrayContaining(["dedicated", "stratos.sh/not-ready"]));
    await untilStandby(environment, "al2023", 1);
    const [node] = nodesOf(environment, "al2023");
    expect(node?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(node?.metadata.labels).toMatchObject({ "stratos.sh/pool": "al2023", team: "ci" });
    expect(taintKeys(node)).toContain("stratos.sh/not-ready");
    expect([REDIS, "quay.io/agent:v1"].every((image) => havePulled(environment, image))).toBe(true);

    await apply(environment, aBurstFor("al2023"));
    await untilRunning(environment, 1);
    // A started node does not power itself off again.
    await environment.clock.sleep(3 * MINUTE);
    await untilRunning(environment, 1);
    expect(callsOf(environment, "StartInstances").map(({ ids }) => ids.length)).toEqual([1]);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("gets its nodes labelled during warmup, including labels that a kubelet may not set", async () => {
    const environment = await startStratos();
    const labels = { "node-role.kubernetes.io/ci": "" };
    const nodeClassRef = { kind: "AWSNodeClass", name: "al2023" };
    await apply(environment, examplePool("al2023", { ...ONE_INSTANCE, template: { nodeClassRef, labels } }));
    const labelled = () => nodes(environment)[0]?.metadata.labels?.["stratos.sh/state"] === "warmup";
    await environment.until("a node is labelled", labelled, { withinMs: 5 * MINUTE });
    expect(nodes(environment)[0]?.metadata.labels).toMatchObject({
      ...labels,
      "stratos.sh/pool": "al2023",
      "stratos.sh/instance-id": expect.stringMatching(/^i-/),
    });
  });

  it("for Bottlerocket is stopped by the controller once its images are pulled, and runs none of them", async () => {
    const environment = await startStratos();
    await apply(environment, examplePool("bottlerocket"));
    await untilStandby(environment, "bottlerocket", 1);
    expect(callsOf(environment, "StopInstances")).toHaveLength(1);
    const [node] = nodes(environment);
    expect(JSON.stringify(node?.status)).toContain(REDIS);
    const prePull = environment.kube.store
      .list("pods", "kube-system")
      .find(({ metadata }) => metadata.name.startsWith("stratos-pre-pull"));
    const status = prePull?.status as { phase?: string; containerStatuses?: { state: object }[] } | undefined;
    expect(status?.phase).toBe("Failed");
    for (const { state } of status?.containerStatuses ?? [])
      expect(state).toMatchObject({ terminated: { exitCode: 128 } });
    await apply(environment, aBurstFor("bottlerocket"));
    await untilRunning(environment, 1);
  });
});

describe("demand beyond standby", () => {
  it("is served by an instance launched for it, which does not power itself off under its pods", async () => {
    const environment = await startStratos();
    await apply(environment, examplePool("al2023", { minStandby: 0, poolSize: 1 }));
    await environment.until("the pool is reconciled", () => pool(environment, "al2023")?.status?.total === 0, {
      withinMs: 5 * MINUTE,
    });
    await apply(environment, aBurstFor("al2023"));
    await untilRunning(environment, 1);
    await environment.clock.sleep(5 * MINUTE);
    await untilRunning(environment, 1);
    expect(nodes(environment)[0]?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(callsOf(environment, "RunInstances")).toHaveLength(1);
    expect(callsOf(environment, "StartInstances")).toEqual([]);
  });
});

describe("an image that cannot be pulled", () => {
  it("fails the warmup with a reason in the pool's status, and is retried until it succeeds", async () => {
    const environment = await startStratos();
    environment.kube.nodeFaults.failPulls(REDIS, true);
    await apply(environment, examplePool("al2023", ONE_INSTANCE));
    await environment.until(
      "the pool gives the reason",
      () => degraded(environment, "al2023")?.reason === "WarmupFailing",
      {
        withinMs: 15 * MINUTE,
      },
    );
    expect(JSON.stringify(degraded(environment, "al2023"))).toContain(`could not pull ${REDIS}`);
    expect(consoleLines(environment)).toContain(`stratos-warmup: pulling ${REDIS} failed, try 3 of 3`);
    expect(pool(environment, "al2023")?.status?.standby ?? 0).toBe(0);
    environment.kube.nodeFaults.failPulls(REDIS, false);
    await environment.until("its instance is standby", () => pool(environment, "al2023")?.status?.standby === 1, {
      withinMs: 60 * MINUTE,
    });
  });

  it("is ignored when imagePullPolicy is BestEffort", async () => {
    const environment = await startStratos();
    environment.kube.nodeFaults.failPulls(REDIS, true);
    await apply(
      environment,
      examplePool("al2023", { ...ONE_INSTANCE, preWarm: { images: [REDIS], imagePullPolicy: "BestEffort" } }),
    );
    await untilStandby(environment, "al2023", 1);
    expect(callsOf(environment, "TerminateInstances")).toEqual([]);
  });
});

describe("a change", () => {
  it("to a DaemonSet's image replaces standby nodes with nodes that have the new image", async () => {
    const environment = await startStratos();
    await putDaemonSet(environment, "quay.io/agent:v1");
    await apply(environment, examplePool("al2023"));
    await untilStandby(environment, "al2023", 2);
    await putDaemonSet(environment, "quay.io/agent:v2");
    const hasNewImage = () => living(environment).length === 2 && havePulled(environment, "quay.io/agent:v2");
    await environment.until("both nodes have the new image", hasNewImage, { withinMs: 60 * MINUTE });
    await untilStandby(environment, "al2023", 2);
  });
});

describe("user data that cannot be rendered", () => {
  it("degrades the pool before anything is launched, naming the field and the allowed values", async () => {
    const environment = await startStratos();
    await apply(environment, examplePool("bottlerocket", { preWarm: { completionMode: "SelfStop" } }));
    await environment.until(
      "the pool gives the reason",
      () => degraded(environment, "bottlerocket")?.reason === "ValidationFailed",
      {
        withinMs: 5 * MINUTE,
      },
    );
    expect(JSON.stringify(degraded(environment, "bottlerocket"))).toContain("set ControllerStop");
    expect(environment.ec2.machines.list()).toEqual([]);
  });
});
