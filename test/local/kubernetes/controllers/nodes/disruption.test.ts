import { describe, expect, it } from "vitest";
import { aReadyNode, type Stage, setStage } from "../../stage.ts";

const EVICTS = "node.kubernetes.io/unreachable:NoExecute";
const AWAY = "node.kubernetes.io/unreachable:NoSchedule";

/** Nodes in service, of which the first so many then fall silent. */
const withSilent = async (count: number, silent: number, zone = "us-east-1a"): Promise<[Stage, string[]]> => {
  const stage = setStage();
  const machines = await Promise.all(Array.from({ length: count }, () => aReadyNode(stage, { zone })));
  const names = machines.map(({ privateDnsName }) => privateDnsName);
  for (const name of names.slice(0, silent)) stage.cluster.faults.killKubelet(name);
  return [stage, names];
};

const count = (stage: Stage, names: readonly string[], taint: string): number =>
  names.filter((name) => stage.taints(name).includes(taint)).length;

describe("pods of silent nodes", () => {
  it("are evicted from one node each 10 s", async () => {
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

  it("stay where they are once too many nodes of a small zone are silent", async () => {
    const [stage, names] = await withSilent(7, 5);
    await stage.advance(60);
    // Kubelets do not all renew their leases at the same time, so that one may have been noticed before the others.
    const early = count(stage, names, EVICTS);
    expect(early).toBeLessThan(3);
    await stage.advance(300);
    expect([count(stage, names, AWAY), count(stage, names, EVICTS)]).toEqual([5, early]);
  });

  it("stay where they are when no node is left", async () => {
    const [stage, names] = await withSilent(2, 2);
    await stage.advance(300);
    expect([count(stage, names, AWAY), count(stage, names, EVICTS)]).toEqual([2, 0]);
  });

  it("are evicted as usual from nodes of a zone that is lost while another is well", async () => {
    const [stage, names] = await withSilent(3, 3);
    await aReadyNode(stage, { zone: "us-east-1b" });
    await stage.advance(100);
    expect(count(stage, names, EVICTS)).toBe(3);
  });

  it("are evicted however many nodes are silent that are not to be counted", async () => {
    const stage = setStage();
    const machines = await Promise.all(Array.from({ length: 7 }, () => aReadyNode(stage)));
    const names = machines.map(({ privateDnsName }) => privateDnsName);
    for (const name of names.slice(0, 4)) {
      stage.changeNode(name, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, "node.kubernetes.io/exclude-disruption": "true" };
      });
      stage.cluster.faults.killKubelet(name);
    }
    await stage.advance(100);
    expect(count(stage, names, EVICTS)).toBe(4);
  });
});
