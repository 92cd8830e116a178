/** The main workflow on a real control plane with real kubelets; the steps run in order on one cluster. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MASTERS } from "../../local/kubernetes/api-server/access/identity.ts";
import { LABEL } from "../../shared/model/names.ts";
import { CLOUD_CONTROLLER } from "../real/components.ts";
import { deletersOf, problemsOf, reportGrants } from "../real/grants.ts";
import {
  eventMessages,
  hasTaint,
  type NodeObject,
  nodeNamed,
  readiness,
  SHUTDOWN,
  stateOf,
  UNINITIALIZED,
  untilEvent,
  untilOpen,
} from "../real/reading.ts";
import { type Real, startReal } from "../real/stage.ts";
import { deleteAll } from "../real/steps/delete-all.ts";
import { followUnmanaged, type UnmanagedHistory } from "../real/steps/follow-alone.ts";
import { prepareCluster } from "../real/steps/furnish.ts";
import { drainGuarded, outlastBudget, runGuarded } from "../real/steps/guarded.ts";
import { endBurst } from "../real/steps/leave.ts";
import { type Burst, serveBurst } from "../real/steps/serve-burst.ts";
import { stopByHand } from "../real/steps/stop-by-hand.ts";
import { warmUp } from "../real/steps/warm-up.ts";
import { withholdVerb } from "../real/steps/withhold-verb.ts";

const START_LIMIT_MS = 120_000;
const STEP_LIMIT_MS = 120_000;

let real: Real;
let standbyNodes: readonly NodeObject[];
let unmanaged: UnmanagedHistory;
let burst: Burst;

beforeAll(async () => {
  real = await startReal();
  await prepareCluster(real);
  // These two are independent.
  [standbyNodes, unmanaged] = await Promise.all([warmUp(real), followUnmanaged(real)]);
}, START_LIMIT_MS + STEP_LIMIT_MS);

afterAll(() => real?.stop(), START_LIMIT_MS);

describe("the AWS cloud-controller-manager on the simulated EC2", () => {
  it("initializes a node from what EC2 reports about its instance", () => {
    expect(hasTaint(unmanaged.registered, UNINITIALIZED)).toBe(true);
    expect(hasTaint(unmanaged.initialized, UNINITIALIZED)).toBe(false);
    expect(unmanaged.initialized.metadata.labels).toMatchObject({
      team: "alone",
      "node.kubernetes.io/instance-type": "m5.large",
      "topology.kubernetes.io/region": "us-east-1",
      "topology.kubernetes.io/zone": "us-east-1a",
    });
  });

  it("taints the node of a stopped instance as shut down, and removes the taint when it is back", () => {
    expect(readiness(unmanaged.stopped)).toBe("Unknown");
    expect(hasTaint(unmanaged.stopped, SHUTDOWN)).toBe(true);
    expect(hasTaint(unmanaged.startedAgain, SHUTDOWN)).toBe(false);
  });

  it("deletes the node of a terminated instance", () => {
    expect(deletersOf(real, "nodes", unmanaged.registered.metadata.name)).toEqual([CLOUD_CONTROLLER]);
  });

  it("finds no label or taint of Stratos on the node of an unmanaged instance", () => {
    const { metadata, spec } = unmanaged.startedAgain;
    const keys = [...Object.keys(metadata.labels ?? {}), ...(spec.taints ?? []).map(({ key }) => key)];
    expect(keys.filter((key) => key.startsWith("stratos.sh/"))).toEqual([]);
  });
});

describe("the main workflow on a real control plane", () => {
  it("warms the unchanged quick start up into three stopped nodes that no pod can land on", () => {
    expect(standbyNodes).toHaveLength(3);
    for (const node of standbyNodes) {
      expect(node.spec.unschedulable).toBe(true);
      expect(node.spec.taints).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ key: "stratos.sh/standby", effect: "NoExecute" }),
          expect.objectContaining({ key: "node.eks.amazonaws.com/not-ready", effect: "NoSchedule" }),
          expect.objectContaining({ key: SHUTDOWN }),
        ]),
      );
      expect(hasTaint(node, UNINITIALIZED)).toBe(false);
    }
  });

  it(
    "serves a burst of unschedulable pods with two nodes, started in one call",
    async () => {
      burst = await serveBurst(real);
      expect(burst.starts).toEqual([2]);
      expect(burst.nodes).toHaveLength(2);
      expect(burst.waits).toHaveLength(4);
      for (const { totalMs, oursMs } of burst.waits) {
        expect(totalMs).toBeLessThan(20_000);
        expect(oursMs).toBeLessThan(5_000);
      }
      for (const name of burst.nodes) {
        expect(stateOf(await untilOpen(real, name))).toBe("running");
      }
    },
    STEP_LIMIT_MS,
  );

  it(
    "returns empty nodes to standby while another client keeps writing to them",
    async () => {
      await endBurst(real, burst.nodes);
      for (const name of burst.nodes) {
        const node = nodeNamed(real, name);
        expect(node?.spec.unschedulable).toBe(true);
        expect(node?.metadata.labels?.[LABEL.state]).toBe("standby");
        expect(hasTaint(node, "node.eks.amazonaws.com/not-ready")).toBe(true);
      }
    },
    STEP_LIMIT_MS,
  );

  it(
    "evicts pods from a draining node only when the disruption budget allows it",
    async () => {
      await runGuarded(real);
      const { answers, from, to } = await drainGuarded(real);
      expect(answers[0]).toBe(429);
      expect(answers.at(-1)).toBe(201);
      expect(to).not.toBe(from);
      expect(eventMessages(real, "DrainTimeout")).toEqual([]);
    },
    STEP_LIMIT_MS,
  );

  it(
    "deletes the pods that a budget still protects after drainTimeout, and names them",
    async () => {
      const { answers, from } = await outlastBudget(real);
      expect(new Set(answers)).toEqual(new Set([429]));
      await untilEvent(real, "DrainTimeout", `${from} was not drained within 6 s; deleting default/guarded-`);
    },
    STEP_LIMIT_MS,
  );

  it(
    "returns an instance that someone stopped to standby, deletes its pod and serves the replacement",
    async () => {
      const { pod } = await stopByHand(real);
      const { uid, name } = pod.metadata;
      await untilEvent(real, "ScaleDown", `and default/${name} ended with it; it is standby again`);
      expect(real.kube.store.list("pods").map(({ metadata }) => metadata.uid)).not.toContain(uid);
    },
    STEP_LIMIT_MS,
  );

  it(
    "leaves nothing behind when the pool is deleted",
    async () => {
      await deleteAll(real);
      expect(real.kube.store.list("nodes")).toEqual([]);
      expect(real.ec2.machines.list().filter(({ state }) => state !== "terminated")).toEqual([]);
    },
    STEP_LIMIT_MS,
  );
});

describe("identity", () => {
  it.each(["stratos-forwarder", "stratos-functions", "stratos-class-functions"] as const)(
    "%s uses every verb of its role, and needs no other",
    async (role) => {
      expect(problemsOf(role, await reportGrants(real, role))).toEqual([]);
    },
  );

  it(
    "fails the run at once when a verb is missing, and names the verb",
    async () => {
      const failure = await withholdVerb(real);
      expect(failure).toMatch(
        /the API server refused stratos-class-functions: patch awsnodeclasses.stratos.sh\/status$/,
      );
    },
    STEP_LIMIT_MS,
  );

  it("gives none of them administrator rights", () => {
    const masters = real.kube.audit.read().filter(({ user }) => user.groups?.includes(MASTERS));
    expect(new Set(masters.map(({ user }) => user.username))).toEqual(
      new Set(["admin", CLOUD_CONTROLLER, "system:apiserver"]),
    );
  });

  it("is denied no call to AWS", () => {
    expect(real.functions.denials()).toEqual([]);
  });
});
