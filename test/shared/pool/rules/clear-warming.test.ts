import { describe, expect, it } from "vitest";
import { anInstance, anOverflowInstance, aPod, aView, HOUR, type InstanceOverrides, NOW, SECOND } from "../builders.ts";
import { check, eventMessages, recordChanges, requeues, summary } from "../decisions.ts";

const tolerant = (name: string) => {
  const pod = aPod(name);
  return { ...pod, spec: { ...pod.spec, tolerations: [{ operator: "Exists" }] } };
};
const warming = (overrides: InstanceOverrides = {}) =>
  aView([anInstance("warmup", { pods: [aPod("p")], ...overrides })]);
const askedAt = (ms: number) => warming({ record: { drain: { askedAt: NOW - ms } } });

describe("a warming node", () => {
  check([
    {
      name: "is cordoned as soon as it is seen",
      view: warming({ pods: [], node: { cordoned: false } }),
      expected: ["applyNode"],
    },
    {
      name: "is cordoned before pods are evicted",
      view: warming({ node: { cordoned: false } }),
      expected: ["applyNode"],
    },
    { name: "has pods that were bound before that evicted", view: warming(), expected: ["evict p"] },
    { name: "is asked to evict again after 15 s", view: askedAt(15 * SECOND), expected: ["evict p"] },
    { name: "is not asked to evict again earlier", view: askedAt(14 * SECOND), expected: [] },
    {
      name: "keeps DaemonSet pods, leaving pods and pods that would come back",
      view: warming({ pods: [aPod("d", { owner: "DaemonSet" }), aPod("l", { deleting: true }), tolerant("t")] }),
      expected: [],
    },
    {
      name: "is open if it was launched to serve",
      view: aView([anOverflowInstance("serve", { node: { ready: false }, pods: [aPod("p")] })]),
      expected: [],
    },
  ]);

  it("is looked at again, and its pods are told of once", () => {
    expect(recordChanges(warming())).toEqual([{ drain: { askedAt: NOW } }]);
    expect(requeues(warming())).toContain(15 * SECOND);
    expect(eventMessages(warming())).toEqual([expect.stringContaining("is still warming up; evicting default/p")]);
    expect(eventMessages(askedAt(15 * SECOND))).toEqual([]);
  });

  it("that waits for its pods at the end of its warmup is drained like a stopping one", () => {
    const draining = (since: number, pods = [aPod("p")]) =>
      summary(warming({ record: { stateSince: NOW - HOUR, drain: { since } }, pods }));
    expect(draining(NOW - SECOND)).toEqual(["evict p"]);
    expect(draining(NOW - 300 * SECOND)).toEqual(["deletePods p"]);
    expect(draining(NOW - SECOND, [])).toEqual(["stop"]);
  });

  it("that is terminated while it drains has the whole drainTimeout again", () => {
    const record = { stateSince: NOW - SECOND, drain: { since: NOW - 300 * SECOND } };
    expect(summary(aView([anInstance("terminating", { record, pods: [aPod("p")] })]))).toEqual(["evict p"]);
  });
});
