/** Required anti-affinity over zones that pods outside the pools have against pending pods. */
import { describe, expect, it } from "vitest";
import { paths } from "../../../../shared/kube/paths.ts";
import type { KubeNode } from "../../../../shared/model/kubernetes/objects.ts";
import type { PodAffinityTerm } from "../../../../shared/model/kubernetes/scheduling.ts";
import { addPendingPod, type World, warmedUp } from "../world.ts";

const ZONE = "topology.kubernetes.io/zone";
const EXCLUDED = "0/9 nodes are available: 1 node(s) didn't satisfy existing pods anti-affinity rules.";

/** A pod of the namespace `jobs` on a node of the first zone, with the term. */
const addRunningPod = ({ kube }: World, term: Partial<PodAffinityTerm>): void => {
  const labelSelector = { matchLabels: { app: "web" } };
  const required = [{ topologyKey: ZONE, labelSelector, ...term }];
  kube.put(paths.node("elsewhere"), { metadata: { name: "elsewhere", labels: { [ZONE]: "zone-of-subnet-0" } } });
  kube.put(paths.pod("jobs", "job"), {
    metadata: { name: "job", namespace: "jobs", labels: { app: "job" } },
    spec: {
      nodeName: "elsewhere",
      containers: [],
      affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } },
    },
    status: { phase: "Running" },
  });
};

/** The zone of the node that is started for a pod of the namespace `default`, which has the label `team: web`. */
const startedZone = async (term: Partial<PodAffinityTerm>, message: string): Promise<string | undefined> => {
  const world = await warmedUp({ spec: { poolSize: 2, minStandby: 2 }, subnets: 2 });
  for (const { metadata } of world.kube.in<KubeNode>(paths.nodes())) {
    const zone = world.ec2.instances.get(metadata.name.replace("node-", ""))?.zone;
    world.kube.change(paths.node(metadata.name), { metadata: { labels: { [ZONE]: zone } } });
  }
  world.kube.put("/api/v1/namespaces/default", { metadata: { name: "default", labels: { team: "web" } } });
  addRunningPod(world, term);
  addPendingPod(world, "pod");
  world.kube.change(paths.pod("default", "pod"), {
    metadata: { labels: { app: "web" } },
    status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message }] },
  });
  await world.reconcileDemand();
  const [instanceId = ""] = world.ec2.starts.flat();
  return world.ec2.instances.get(instanceId)?.zone;
};

describe("a pod that the anti-affinity of running pods excludes starts a node in another zone", () => {
  it.each<{ name: string; term: Partial<PodAffinityTerm> }>([
    { name: "if the term names its namespace", term: { namespaces: ["default"] } },
    { name: "if the term selects its namespace", term: { namespaceSelector: { matchLabels: { team: "web" } } } },
  ])("$name", async ({ term }) => {
    expect(await startedZone(term, EXCLUDED)).toBe("zone-of-subnet-1");
  });

  it.each<{ name: string; term: Partial<PodAffinityTerm> }>([
    { name: "unless the term is about its own namespace only", term: {} },
    { name: "unless the term selects others", term: { namespaceSelector: { matchLabels: { team: "ci" } } } },
  ])("$name", async ({ term }) => {
    expect(await startedZone(term, EXCLUDED)).toBe("zone-of-subnet-0");
  });
});
