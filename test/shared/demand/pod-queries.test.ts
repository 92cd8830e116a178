import { expect, it } from "vitest";
import { podQueries } from "../../../shared/demand/pod-queries.ts";
import type { KubePod, PodSpec } from "../../../shared/model/kubernetes/objects.ts";

const aPod = (spec: Partial<PodSpec>, { namespace = "web", labels = {}, message = "" } = {}): KubePod => ({
  metadata: { name: "pod", namespace, labels },
  spec: { containers: [], ...spec },
  status: { phase: "Pending", conditions: [{ type: "PodScheduled", status: "False", message }] },
});

const app = (name: string) => ({ matchLabels: { app: name } });
const antiAffinity = (term: object): Partial<PodSpec> => ({
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

it.each<{ name: string; pods: readonly KubePod[]; queries: ReturnType<typeof podQueries> }>([
  { name: "pods without rules about other pods need no list", pods: [aPod({})], queries: [] },
  {
    name: "a term without namespaces lists the pod's own namespace",
    pods: [aPod(antiAffinity({ labelSelector: app("db") }))],
    queries: [{ namespace: "web", labelSelector: "app=db" }],
  },
  {
    name: "each namespace that a term names is listed",
    pods: [aPod(antiAffinity({ labelSelector: app("db"), namespaces: ["one", "two"] }))],
    queries: [
      { namespace: "one", labelSelector: "app=db" },
      { namespace: "two", labelSelector: "app=db" },
    ],
  },
  {
    name: "a namespace selector lists all namespaces",
    pods: [aPod(antiAffinity({ labelSelector: app("db"), namespaceSelector: {} }))],
    queries: [{ labelSelector: "app=db" }],
  },
  { name: "a term without a selector needs no list", pods: [aPod(antiAffinity({}))], queries: [] },
  {
    name: "matchLabelKeys narrow the list to the pod's own value",
    pods: [aPod(spread({ matchLabelKeys: ["hash"] }), { labels: { hash: "7" } })],
    queries: [{ namespace: "web", labelSelector: "app=web,hash in (7)" }],
  },
  { name: "preferences need no list", pods: [aPod(spread({ whenUnsatisfiable: "ScheduleAnyway" }))], queries: [] },
  {
    name: "equal pods need one list",
    pods: Array.from({ length: 50 }, () => aPod(spread({}))),
    queries: [{ namespace: "web", labelSelector: "app=web" }],
  },
  {
    name: "all pods with anti-affinity are listed if the scheduler says that running pods' anti-affinity excludes the pod",
    pods: [
      aPod({}, { message: "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules." }),
    ],
    queries: [{ labelSelector: "", withAntiAffinity: true }],
  },
  {
    name: "many different terms list whole namespaces instead",
    pods: Array.from({ length: 40 }, (_, index) => aPod(antiAffinity({ labelSelector: app(`app-${index}`) }))),
    queries: [{ namespace: "web", labelSelector: "" }],
  },
])("$name", ({ pods, queries }) => {
  expect(podQueries(pods)).toEqual(queries);
});
