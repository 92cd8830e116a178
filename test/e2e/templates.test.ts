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
  pool,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const REDIS = "public.ecr.aws/docker/library/redis:7.4";

/** The example, with changes to its pool. */
const examplePool = (name: string, spec: object = {}): KubeObject[] =>
  example(`${name}/nodes.yaml`).map((object) =>
    object.kind === "NodePool" ? { ...object, spec: { ...(object.spec as object), ...spec } } : object,
  );

const untilStandby = (embedded: Environment, name: string, count: number) =>
  embedded.until(`${count} are standby`, () => pool(embedded, name)?.status?.standby === count, {
    withinMs: 15 * MINUTE,
  });

const nodes = ({ kube }: Environment) => kube.store.list<NodeObject>("nodes");
const taintKeys = (node: NodeObject | undefined) => (node?.spec.taints ?? []).map(({ key }) => key);
const living = ({ ec2 }: Environment) => ec2.world.instances.all().filter(({ state }) => state !== "terminated");
/** What was pulled, by their consoles: a node that powers off is gone before kubelet has reported it. */
const havePulled = (embedded: Environment, image: string): boolean =>
  living(embedded).every(({ console }) => console.includes(`stratos-warmup: pulled ${image}`));
const consoleLines = ({ ec2 }: Environment): string[] => ec2.world.instances.all().flatMap(({ console }) => console);
const degraded = (embedded: Environment, name: string) =>
  pool(embedded, name)?.status?.conditions?.find(({ type }) => type === "Degraded");

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

/** One pod that only the pool's nodes can take. */
const aBurstFor = (name: string): KubeObject[] =>
  JSON.parse(JSON.stringify(burstOf(1)).replace('"stratos.sh/pool":"workers"', `"stratos.sh/pool":"${name}"`));

describe("a class with a template", () => {
  it("of AL2023 warms up with its images, becomes standby and serves", async () => {
    const embedded = await startStratos();
    await putDaemonSet(embedded, "quay.io/agent:v1");
    await apply(embedded, examplePool("al2023"));
    await untilStandby(embedded, "al2023", 2);
    const [node] = nodes(embedded);
    expect(node?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(node?.metadata.labels).toMatchObject({ "stratos.sh/pool": "al2023", team: "ci" });
    expect(taintKeys(node)).toContain("stratos.sh/not-ready");
    expect([REDIS, "quay.io/agent:v1"].every((image) => havePulled(embedded, image))).toBe(true);

    await apply(embedded, aBurstFor("al2023"));
    await untilRunning(embedded, 1);
    // Served by a started node, which does not power itself off again.
    await embedded.clock.sleep(3 * MINUTE);
    await untilRunning(embedded, 1);
    expect(callsOf(embedded, "StartInstances").map(({ ids }) => ids.length)).toEqual([1]);
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("has its nodes labelled as every pool's while they warm up, with what a kubelet may not set, too", async () => {
    const embedded = await startStratos();
    const labels = { "node-role.kubernetes.io/ci": "" };
    const nodeClassRef = { kind: "AWSNodeClass", name: "al2023" };
    await apply(embedded, examplePool("al2023", { template: { nodeClassRef, labels } }));
    const labelled = () => nodes(embedded)[0]?.metadata.labels?.["stratos.sh/state"] === "warmup";
    await embedded.until("a node has its shape", labelled, { withinMs: 5 * MINUTE });
    expect(nodes(embedded)[0]?.metadata.labels).toMatchObject({
      ...labels,
      "stratos.sh/pool": "al2023",
      "stratos.sh/instance-id": expect.stringMatching(/^i-/),
    });
  });

  it("of AL2 warms up, too", async () => {
    const embedded = await startStratos();
    await apply(embedded, examplePool("al2"));
    await untilStandby(embedded, "al2", 1);
    const [node] = nodes(embedded);
    expect(node?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(taintKeys(node)).toEqual(expect.arrayContaining(["dedicated", "stratos.sh/not-ready"]));
  });

  it("of Bottlerocket is stopped by the controller once its images are there, none of which has run", async () => {
    const embedded = await startStratos();
    await apply(embedded, examplePool("bottlerocket"));
    await untilStandby(embedded, "bottlerocket", 1);
    expect(callsOf(embedded, "StopInstances")).toHaveLength(1);
    const [node] = nodes(embedded);
    expect(JSON.stringify(node?.status)).toContain(REDIS);
    const prePull = embedded.kube.store
      .list("pods", "kube-system")
      .find(({ metadata }) => metadata.name.startsWith("stratos-pre-pull"));
    expect(prePull).toMatchObject({
      status: { phase: "Failed", containerStatuses: [{ state: { terminated: { exitCode: 128 } } }] },
    });
    await apply(embedded, aBurstFor("bottlerocket"));
    await untilRunning(embedded, 1);
  });
});

describe("demand beyond standby", () => {
  it("is served by an instance that is launched for it, and that does not power itself off under its pods", async () => {
    const embedded = await startStratos();
    await apply(embedded, examplePool("al2023", { minStandby: 0, poolSize: 1 }));
    await embedded.until("the pool has settled", () => pool(embedded, "al2023")?.status?.total === 0, {
      withinMs: 5 * MINUTE,
    });
    await apply(embedded, aBurstFor("al2023"));
    await untilRunning(embedded, 1);
    await embedded.clock.sleep(5 * MINUTE);
    await untilRunning(embedded, 1);
    expect(nodes(embedded)[0]?.metadata.annotations).toMatchObject({ "stratos.sh/warmup-outcome": "Succeeded" });
    expect(callsOf(embedded, "RunInstances")).toHaveLength(1);
    expect(callsOf(embedded, "StartInstances")).toEqual([]);
  });
});

describe("an image that cannot be pulled", () => {
  it("fails the warmup, whose reason the pool tells, until it can be", async () => {
    const embedded = await startStratos();
    embedded.kube.nodeFaults.failPulls(REDIS, true);
    await apply(embedded, examplePool("al2023"));
    await embedded.until("the pool says why", () => degraded(embedded, "al2023")?.reason === "WarmupFailing", {
      withinMs: 15 * MINUTE,
    });
    expect(JSON.stringify(degraded(embedded, "al2023"))).toContain(`could not pull ${REDIS}`);
    expect(consoleLines(embedded)).toContain(`stratos-warmup: pulling ${REDIS} failed, try 3 of 3`);
    expect(pool(embedded, "al2023")?.status?.standby ?? 0).toBe(0);
    embedded.kube.nodeFaults.failPulls(REDIS, false);
    await embedded.until("two are standby", () => pool(embedded, "al2023")?.status?.standby === 2, {
      withinMs: 60 * MINUTE,
    });
  });

  it("is done without where best effort is enough", async () => {
    const embedded = await startStratos();
    embedded.kube.nodeFaults.failPulls(REDIS, true);
    await apply(embedded, examplePool("al2023", { preWarm: { images: [REDIS], imagePullPolicy: "BestEffort" } }));
    await untilStandby(embedded, "al2023", 2);
    expect(callsOf(embedded, "TerminateInstances")).toEqual([]);
  });
});

describe("a change", () => {
  it("of a DaemonSet's image makes standby nodes give way to ones that have it", async () => {
    const embedded = await startStratos();
    await putDaemonSet(embedded, "quay.io/agent:v1");
    await apply(embedded, examplePool("al2023"));
    await untilStandby(embedded, "al2023", 2);
    await putDaemonSet(embedded, "quay.io/agent:v2");
    const isFresh = () => living(embedded).length === 2 && havePulled(embedded, "quay.io/agent:v2");
    await embedded.until("both nodes have the new image", isFresh, { withinMs: 60 * MINUTE });
    await untilStandby(embedded, "al2023", 2);
  });
});

describe("what cannot be rendered", () => {
  it("degrades the pool before anything is launched, with the field and what is allowed", async () => {
    const embedded = await startStratos();
    await apply(embedded, examplePool("bottlerocket", { preWarm: { completionMode: "SelfStop" } }));
    await embedded.until("the pool says why", () => degraded(embedded, "bottlerocket")?.reason === "ValidationFailed", {
      withinMs: 5 * MINUTE,
    });
    expect(JSON.stringify(degraded(embedded, "bottlerocket"))).toContain("set ControllerStop");
    expect(embedded.ec2.machines.list()).toEqual([]);
  });
});
