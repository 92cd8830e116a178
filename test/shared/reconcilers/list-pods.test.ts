import { expect, it } from "vitest";
import type { KubeClient, ListOptions } from "../../../shared/kube/client.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { createListPods } from "../../../shared/reconcilers/list-pods.ts";
import { createFakeKube } from "./fake-kube.ts";

const nodesOf = (pool: string) => Array.from({ length: 11 }, (_, index) => `${pool}-${index}`);

const podOn = (nodeName: string): KubePod => ({
  metadata: { name: `on-${nodeName}` },
  spec: { nodeName, containers: [] },
});

/** A cluster whose lists show the pods as they are when the list begins, and end when the test says so. */
const aCluster = () => {
  const pods: KubePod[] = [podOn("a-0"), podOn("b-0"), podOn("elsewhere")];
  const ends: ((error?: Error) => void)[] = [];
  const list = async <T, P = T>(_: string, __?: ListOptions, project?: (item: T) => P | undefined) => {
    const found = pods.flatMap((pod) => project?.(pod as T) ?? []);
    await new Promise<void>((resolve, reject) => ends.push((error) => (error ? reject(error) : resolve())));
    return found as P[];
  };
  return {
    pods,
    ends,
    kube: { ...createFakeKube(() => 0).port, list } satisfies KubeClient,
    settle: () => new Promise((resolve) => setImmediate(resolve)),
  };
};

const names = async (pods: Promise<ReadonlyMap<string | undefined, readonly KubePod[]>>) =>
  [...(await pods).values()].flat().map(({ metadata }) => metadata.name);

it("pools that ask at once, or during a list, share one list, which begins after they asked", async () => {
  const { pods, ends, kube, settle } = aCluster();
  const listPods = createListPods((pod) => pod);
  const [first, second] = [listPods(kube, nodesOf("a")), listPods(kube, nodesOf("b"))];
  await settle();
  const [third, fourth] = [listPods(kube, nodesOf("a")), listPods(kube, nodesOf("b"))];
  pods.push(podOn("a-1"));
  await settle();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await names(first)).toEqual(["on-a-0", "on-b-0"]);
  expect(await second).toBe(await first);
  await settle();
  expect(ends).toHaveLength(2);
  ends[1]?.();
  expect(await names(third)).toEqual(["on-a-0", "on-b-0", "on-a-1"]);
  expect(await fourth).toBe(await third);
});

it("a list that fails does not keep the next one from being tried", async () => {
  const { ends, kube, settle } = aCluster();
  const listPods = createListPods((pod) => pod);
  const first = listPods(kube, nodesOf("a"));
  const failed = expect(first).rejects.toThrow("overloaded");
  await settle();
  const second = listPods(kube, nodesOf("a"));
  ends[0]?.(new Error("overloaded"));
  await failed;
  await settle();
  ends[1]?.();
  expect(await names(second)).toEqual(["on-a-0"]);
});

it("clusters do not share lists", async () => {
  const [one, other] = [aCluster(), aCluster()];
  const listPods = createListPods((pod) => pod);
  const lists = [listPods(one.kube, nodesOf("a")), listPods(other.kube, nodesOf("a"))];
  await one.settle();
  expect([one.ends.length, other.ends.length]).toEqual([1, 1]);
  for (const { ends } of [one, other]) ends[0]?.();
  expect(await Promise.all(lists)).toHaveLength(2);
});
