/** Pods with affinity to pods that another pool runs. */
import { expect, it } from "vitest";
import { aSpec } from "../pool/builders.ts";
import { aDemandPool, aNodeObject, anOffering, aPendingPod, nodesOf, withStandby } from "./builders.ts";

const ZONE = "topology.kubernetes.io/zone";
const inPool = (pool: string) => ({ nodeSelector: { "stratos.sh/pool": pool } });
const follow = {
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      { topologyKey: ZONE, labelSelector: { matchLabels: { app: "leader" } } },
    ],
  },
};
const leader = (pool: string) => aPendingPod("leader", { cpu: "2" }, { labels: { app: "leader" }, spec: inPool(pool) });
const follower = (pool: string) =>
  aPendingPod("follower", { cpu: "1" }, { spec: { ...inPool(pool), affinity: follow } });

const poolNamed = (name: string, weight = 0) => {
  const labels = { "stratos.sh/pool": name };
  return aDemandPool({ name, spec: aSpec({ weight, template: { ...aSpec().template, labels } }) });
};
const sleeping = (name: string, weight = 0) =>
  withStandby(poolNamed(name, weight), [aNodeObject(`${name}0`, { pool: name })]);
const launching = (name: string) => ({
  ...poolNamed(name),
  launchCapacity: { maxNodes: 1, offerings: [anOffering()] },
});

it("a pod that follows one for which another pool launches a node starts standby in the same plan", () => {
  expect(nodesOf({ pods: [follower("a"), leader("b")], pools: [sleeping("a"), launching("b")] })).toEqual({
    a0: ["follower"],
    "us-east-1a/m5.large 1": ["leader"],
  });
});

it("a pod that follows one in a pool of less weight starts standby in the same plan", () => {
  const pools = [sleeping("a", 10), sleeping("b")];
  expect(nodesOf({ pods: [follower("a"), leader("b")], pools })).toEqual({ a0: ["follower"], b0: ["leader"] });
});

it("a pool launches no more than it may for pods that follow others", () => {
  const followers = ["one", "two"].map((name) =>
    aPendingPod(name, { cpu: "2" }, { spec: { ...inPool("b"), affinity: follow } }),
  );
  const plan = nodesOf({ pods: [...followers, leader("b")], pools: [launching("b")] });
  expect(Object.values(plan)).toEqual([["leader"]]);
});
