import { describe, expect, it } from "vitest";
import { aReadyNode, createStage, type Stage } from "../../stage.ts";

const NO_EXECUTE = "node.kubernetes.io/unreachable:NoExecute";
const NO_SCHEDULE = "node.kubernetes.io/unreachable:NoSchedule";

/** Creates `count` ready nodes, then stops the kubelets of the first `silent` nodes. */
const withSilent = async (count: number, silent: number, zone = "us-east-1a"): Promise<[Stage, string[]]> => {
  const stage = createStage();
  const machines = await Promise.all(Array.from({ length: count }, () => aReadyNode(stage, { zone })));
  const names = machines.map(({ privateDnsName }) => privateDnsName);
  for (const name of names.slice(0, silent)) stage.cluster.faults.killKubelet(name);
  return [stage, names];
};

const count = (stage: Stage, names: readonly string[], taint: string): number =>
  names.filter((name) => stage.taints(name).includes(taint)).length;

describe("pods of unreachable nodes", () => {
  it("are evicted from one node every 10 s", async () => {
    const [stage, names] = await withSilent(7, 3);
    await stage.advance(100);
    const times = names
      .flatMap((name) => stage.node(name)?.spec.taints ?? [])
      .flatMap(({ effect, timeAdded = "" }) => (effect === "NoExecute" ? [Date.parse(timeAdded)] : []))
      .toSorted();
    expect(times).toHaveLength(3);
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(10_000);
  });

  it("are not evicted if too many nodes of a small zone are unreachable", async () => {
    const [stage, names] = await withSilent(7, 5);
    await stage.advance(60);
    // Kubelets renew their leases at different times, so the controller may notice one node before the others.
    const early = count(stage, names, NO_EXECUTE);
    expect(early).toBeLessThan(3);
    await stage.advance(300);
    expect([count(stage, names, NO_SCHEDULE), count(stage, names, NO_EXECUTE)]).toEqual([5, early]);
  });

  it("are not evicted if no ready node is left", async () => {
    const [stage, names] = await withSilent(2, 2);
    await stage.advance(300);
    expect([count(stage, names, NO_SCHEDULE), count(stage, names, NO_EXECUTE)]).toEqual([2, 0]);
  });

  it("are evicted at the normal rate from a fully unreachable zone while another zone is healthy", async () => {
    const [stage, names] = await withSilent(3, 3);
    await aReadyNode(stage, { zone: "us-east-1b" });
    await stage.advance(100);
    expect(count(stage, names, NO_EXECUTE)).toBe(3);
  });

  it("are evicted from nodes excluded from disruption, however many are unreachable", async () => {
    const stage = createStage();
    const machines = await Promise.all(Array.from({ length: 7 }, () => aReadyNode(stage)));
    const names = machines.map(({ privateDnsName }) => privateDnsName);
    for (const name of names.slice(0, 4)) {
      stage.changeNode(name, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, "node.kubernetes.io/exclude-disruption": "true" };
      });
      stage.cluster.faults.killKubelet(name);
    }
    await stage.advance(100);
    expect(count(stage, names, NO_EXECUTE)).toBe(4);
  });
});
