import { describe, expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  callsOf,
  condition,
  example,
  instancesByState,
  isAtRest,
  MINUTE,
  type NodeObject,
  pool,
  startStratos,
} from "./stratos.ts";

const MODEL = "example.com/model:v1";

interface Changes {
  readonly pool?: object;
  /** Of the user data. */
  readonly script?: (userData: string) => string;
}

/** The quick start, with another spec or another script. */
const applyQuickStart = async (embedded: Environment, { pool: spec = {}, script = (same) => same }: Changes) => {
  const classes = example("quickstart/awsnodeclass.yaml").map((object) => {
    const found = object.spec as { userData: string };
    return { ...object, spec: { ...found, userData: script(found.userData) } };
  });
  const pools = example("quickstart/nodepool.yaml").map((object) => ({
    ...object,
    spec: { ...(object.spec as object), ...spec },
  }));
  await apply(embedded, [...classes, ...pools]);
};

const untilStandby = (embedded: Environment, count: number, withinMs = 15 * MINUTE) =>
  embedded.until(`${count} instances are standby`, () => isAtRest(embedded, count), { withinMs });

const untilDegraded = (embedded: Environment, reason: string) =>
  embedded.until(reason, () => condition(embedded, "Degraded") === `True ${reason}`, { withinMs: 20 * MINUTE });

const told = ({ kube }: Environment, reason: string) =>
  kube.store
    .list<KubeObject & { reason: string; message: string }>("events")
    .filter((event) => event.reason === reason);

const launched = (embedded: Environment) => callsOf(embedded, "RunInstances").length;
const standbyNodes = ({ kube }: Environment) =>
  kube.store.list<NodeObject>("nodes").filter(({ metadata }) => metadata.labels?.["stratos.sh/state"] === "standby");

describe("a warmup", () => {
  it("whose node never registers is replaced, later and later, and the pool says why", async () => {
    const embedded = await startStratos();
    embedded.kube.nodeFaults.hangBoots(2);
    await applyQuickStart(embedded, { pool: { poolSize: 1, minStandby: 1, preWarm: { timeout: "3m" } } });
    await untilDegraded(embedded, "WarmupFailing");
    expect(pool(embedded)?.status?.standby).toBe(0);
    await untilStandby(embedded, 1);
    expect(launched(embedded)).toBe(3);
    expect(told(embedded, "WarmupFailed")[0]?.message).toMatch(/never registered.*get-console-output/);
    expect(condition(embedded, "Degraded")).toBe("False AsExpected");
    expect(instancesByState(embedded)).toEqual({ stopped: 1 });
    expect(standbyNodes(embedded)).toHaveLength(1);
  });

  it("that lacks an image it has to pull never becomes standby", async () => {
    const embedded = await startStratos({ seed: 2 });
    embedded.kube.nodeFaults.failPulls(MODEL, true);
    await applyQuickStart(embedded, {
      pool: { poolSize: 2, minStandby: 2, preWarm: { images: [MODEL] } },
      script: (userData) => userData.replace("sleep 30", `crictl pull ${MODEL}\nsleep 60`),
    });
    await untilDegraded(embedded, "WarmupFailing");
    expect(told(embedded, "WarmupFailed")[0]?.message).toContain(MODEL);
    expect(standbyNodes(embedded)).toEqual([]);
    embedded.kube.nodeFaults.failPulls(MODEL, false);
    await untilStandby(embedded, 2);
    expect(condition(embedded, "Degraded")).toBe("False AsExpected");
  });

  it("by ControllerStop ends once node, network and images are ready", async () => {
    const embedded = await startStratos({ seed: 3 });
    await applyQuickStart(embedded, {
      pool: { poolSize: 2, minStandby: 2, preWarm: { images: [MODEL], completionMode: "ControllerStop" } },
      script: (userData) => userData.replace("sleep 30\npoweroff", `sleep 60\ncrictl pull ${MODEL}`),
    });
    await untilStandby(embedded, 2);
    expect(callsOf(embedded, "StopInstances").flatMap(({ ids }) => ids)).toHaveLength(2);
    const images = standbyNodes(embedded).map(({ status }) => JSON.stringify(status));
    expect(images.every((status) => status.includes(MODEL))).toBe(true);
    expect(told(embedded, "WarmupFailed")).toEqual([]);
    expect(embedded.functions.denials()).toEqual([]);
  });

  it("that does not end is stopped into standby after its timeout", async () => {
    const embedded = await startStratos({ seed: 4 });
    await applyQuickStart(embedded, {
      pool: { poolSize: 1, minStandby: 1, preWarm: { timeout: "3m" } },
      script: (userData) => userData.replace("poweroff", "sleep 3600"),
    });
    await untilStandby(embedded, 1);
    expect(told(embedded, "WarmupFailed").map(({ message }) => message)).toEqual([
      expect.stringMatching(/did not finish its warmup within 180 s.*stopping it/),
    ]);
    expect(launched(embedded)).toBe(1);
  });
});
