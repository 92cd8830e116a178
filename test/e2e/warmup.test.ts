import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  callsOf,
  condition,
  example,
  instancesByState,
  isSettled,
  MINUTE,
  type NodeObject,
  pool,
  startStratos,
} from "./stratos.ts";

const MODEL = "example.com/model:v1";

interface Changes {
  readonly pool?: object;
  /** Changes the user data. */
  readonly script?: (userData: string) => string;
}

/** Applies the quick start with overrides of its pool's spec or its user data. */
const applyQuickStart = async (environment: Environment, { pool: spec = {}, script = (same) => same }: Changes) => {
  const classes = example("quickstart/awsnodeclass.yaml").map((object) => {
    const found = object.spec as { userData: string };
    return { ...object, spec: { ...found, userData: script(found.userData) } };
  });
  const pools = example("quickstart/nodepool.yaml").map((object) => ({
    ...object,
    spec: { ...(object.spec as object), ...spec },
  }));
  await apply(environment, [...classes, ...pools]);
};

const untilStandby = (environment: Environment, count: number, withinMs = 15 * MINUTE) =>
  environment.until(`${count} instances are standby`, () => isSettled(environment, count), { withinMs });

const untilDegraded = (environment: Environment, reason: string) =>
  environment.until(reason, () => condition(environment, "Degraded") === `True ${reason}`, { withinMs: 20 * MINUTE });

const eventsOf = ({ kube }: Environment, reason: string) =>
  kube.store
    .list<KubeObject & { reason: string; message: string }>("events")
    .filter((event) => event.reason === reason);

const launched = (environment: Environment) => callsOf(environment, "RunInstances").length;
const standbyNodes = ({ kube }: Environment) =>
  kube.store.list<NodeObject>("nodes").filter(({ metadata }) => metadata.labels?.["stratos.sh/state"] === "standby");

describe("a warmup", () => {
  it("whose node never registers is retried with growing delays, and the pool gives the reason", async () => {
    const environment = await startStratos();
    environment.kube.nodeFaults.hangBoots(2);
    await applyQuickStart(environment, { pool: { poolSize: 1, minStandby: 1, preWarm: { timeout: "3m" } } });
    await untilDegraded(environment, "WarmupFailing");
    expect(pool(environment)?.status?.standby).toBe(0);
    await untilStandby(environment, 1);
    expect(launched(environment)).toBe(3);
    expect(eventsOf(environment, "WarmupFailed")[0]?.message).toMatch(/never registered.*get-console-output/);
    expect(condition(environment, "Degraded")).toBe("False AsExpected");
    expect(instancesByState(environment)).toEqual({ stopped: 1 });
    expect(standbyNodes(environment)).toHaveLength(1);
  });

  it("that lacks a required image never becomes standby", async () => {
    const environment = await startStratos({ seed: 2 });
    environment.kube.nodeFaults.failPulls(MODEL, true);
    await applyQuickStart(environment, {
      pool: { poolSize: 2, minStandby: 2, preWarm: { images: [MODEL] } },
      script: (userData) => userData.replace("sleep 30", `crictl pull ${MODEL}\nsleep 60`),
    });
    await untilDegraded(environment, "WarmupFailing");
    expect(eventsOf(environment, "WarmupFailed")[0]?.message).toContain(MODEL);
    expect(standbyNodes(environment)).toEqual([]);
    environment.kube.nodeFaults.failPulls(MODEL, false);
    await untilStandby(environment, 2);
    expect(condition(environment, "Degraded")).toBe("False AsExpected");
  });

  it("with ControllerStop completes once node, network and images are ready", async () => {
    const environment = await startStratos({ seed: 3 });
    await applyQuickStart(environment, {
      pool: { poolSize: 2, minStandby: 2, preWarm: { images: [MODEL], completionMode: "ControllerStop" } },
      script: (userData) => userData.replace("sleep 30\npoweroff", `sleep 60\ncrictl pull ${MODEL}`),
    });
    await untilStandby(environment, 2);
    expect(callsOf(environment, "StopInstances").flatMap(({ ids }) => ids)).toHaveLength(2);
    const images = standbyNodes(environment).map(({ status }) => JSON.stringify(status));
    expect(images.every((status) => status.includes(MODEL))).toBe(true);
    expect(eventsOf(environment, "WarmupFailed")).toEqual([]);
    expect(environment.functions.denials()).toEqual([]);
  });

  it("that does not complete is stopped into standby after its timeout", async () => {
    const environment = await startStratos({ seed: 4 });
    await applyQuickStart(environment, {
      pool: { poolSize: 1, minStandby: 1, preWarm: { timeout: "3m" } },
      script: (userData) => userData.replace("poweroff", "sleep 3600"),
    });
    await untilStandby(environment, 1);
    expect(eventsOf(environment, "WarmupFailed").map(({ message }) => message)).toEqual([
      expect.stringMatching(/did not finish its warmup within 180 s.*stopping it/),
    ]);
    expect(launched(environment)).toBe(1);
  });
});
