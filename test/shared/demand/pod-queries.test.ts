import { expect, it } from "vitest";
import { podQueries } from "../../../shared/demand/pod-queries.ts";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";

const aPod = (spec: Partial<PodSpec>, { namespace = "web", labels = {}, message = "" } = {}): KubePod => ({
  metadata: { name: "pod", namespace, labels },
  spec: { containers: [], ...spec },
  status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message }] },
});

const app = (name: string) => ({ matchLabels: { app: name } });
const apart = (term: object): Partial<PodSpec> => ({
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname", ...term }],
    },
  },
});
const spread = (constraint: object): Partial<PodSpec> => ({
  topologySpreadConstraints: [
    { topologyKey: "zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule", labelSelector: app("web"), ...constraint },
  ],
});

it.each<{ name: string; pods: readonly KubePod[]; asks: ReturnType<typeof podQueries> }>([
  { name: "pods that look at nobody read nobody", pods: [aPod({})], asks: [] },
  {
    name: "a term without namespaces speaks of the pod's own",
    pods: [aPod(apart({ labelSelector: app("db") }))],
    asks: [{ namespace: "web", labelSelector: "app=db" }],
  },
  {
    name: "namespaces that are listed are asked one by one",
    pods: [aPod(apart({ labelSelector: app("db"), namespaces: ["one", "two"] }))],
    asks: [
      { namespace: "one", labelSelector: "app=db" },
      { namespace: "two", labelSelector: "app=db" },
    ],
  },
  {
    name: "a namespace selector asks all of them",
    pods: [aPod(apart({ labelSelector: app("db"), namespaceSelector: {} }))],
    asks: [{ labelSelector: "app=db" }],
  },
  { name: "a term without a selector speaks of nobody", pods: [aPod(apart({}))], asks: [] },
  {
    name: "matchLabelKeys narrow to the pod's own value",
    pods: [aPod(spread({ matchLabelKeys: ["hash"] }), { labels: { hash: "7" } })],
    asks: [{ namespace: "web", labelSelector: "app=web,hash in (7)" }],
  },
  { name: "preferences read nobody", pods: [aPod(spread({ whenUnsatisfiable: "ScheduleAnyway" }))], asks: [] },
  {
    name: "pods alike are asked for once",
    pods: Array.from({ length: 50 }, () => aPod(spread({}))),
    asks: [{ namespace: "web", labelSelector: "app=web" }],
  },
  {
    name: "where running pods keep one away, as the scheduler says, its namespace is read",
    pods: [
      aPod({}, { message: "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules." }),
    ],
    asks: [{ namespace: "web", labelSelector: "" }],
  },
  {
    name: "very many different terms are answered by whole namespaces",
    pods: Array.from({ length: 40 }, (_, index) => aPod(apart({ labelSelector: app(`app-${index}`) }))),
    asks: [{ namespace: "web", labelSelector: "" }],
  },
])("$name", ({ pods, asks }) => {
  expect(podQueries(pods)).toEqual(asks);
});
