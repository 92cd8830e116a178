import { expect, it } from "vitest";
import type { ListOptions } from "../../../../shared/kube/client.ts";
import { paths } from "../../../../shared/kube/paths.ts";
import type { PodSpec } from "../../../../shared/model/kubernetes/objects.ts";
import { createObserveDemand } from "../../../../shared/reconcilers/demand/observe.ts";
import { anInstanceType } from "../../nodeclass/builders.ts";
import { addPendingPod, CLUSTER, type World, warmedUp } from "../world.ts";

/** A world with running pods on other nodes; records each list of demand as `path?selector`. */
const busyWorld = async (running: number) => {
  const world = await warmedUp({ spec: { poolSize: 4, minStandby: 3 }, subnets: 2 });
  for (let count = 0; count < running; count += 1) {
    const name = `busy-${count}`;
    world.kube.put(paths.pod("default", name), {
      metadata: { name, namespace: "default", labels: { app: count % 2 ? "web" : "db" } },
      spec: { nodeName: "elsewhere", containers: [] },
      status: { phase: "Running" },
    });
  }
  const listed: string[] = [];
  const kube = await world.ports.kube("test");
  const { list } = kube;
  kube.list = async <T>(path: string, options: ListOptions = {}) => {
    listed.push(`${path}?${options.fieldSelector ?? options.labelSelector ?? ""}`);
    return list<T>(path, options);
  };
  return { world, listed };
};

const addPod = (world: World, spec: Partial<PodSpec>) => {
  addPendingPod(world, "pod", "2");
  world.kube.change(paths.pod("default", "pod"), { spec });
};

it("only pending pods, and the pools to withdraw launch requests from, are read if no pod waits for a node", async () => {
  const { world, listed } = await busyWorld(5);
  await world.reconcileDemand();
  expect(listed).toEqual(["/api/v1/pods?status.phase=Pending", "/apis/stratos.sh/v1alpha1/nodepools?"]);
});

it("a pod without rules needs no list of running pods, other than those of one node, volumes, namespaces or other nodes", async () => {
  const { world, listed } = await busyWorld(5);
  addPod(world, {});
  await world.reconcileDemand();
  expect(listed.toSorted()).toEqual([
    `/api/v1/nodes?stratos.sh/pool=${world.pool}`,
    "/api/v1/pods?spec.nodeName=node-i-00000001",
    "/api/v1/pods?status.phase=Pending",
    "/apis/apps/v1/daemonsets?",
    "/apis/stratos.sh/v1alpha1/awsnodeclasses?",
    "/apis/stratos.sh/v1alpha1/nodepools?",
  ]);
});

it("a pod with topology spread lists the pods that its constraint counts, and their nodes", async () => {
  const { world, listed } = await busyWorld(5);
  const labelSelector = { matchLabels: { app: "web" } };
  const constraint = { topologyKey: "topology.kubernetes.io/zone", maxSkew: 1, whenUnsatisfiable: "DoNotSchedule" };
  addPod(world, { topologySpreadConstraints: [{ ...constraint, labelSelector }] });
  await world.reconcileDemand();
  expect(listed).toContain("/api/v1/namespaces/default/pods?app=web");
  expect(listed).toContain(`/api/v1/nodes?stratos.sh/pool notin (${world.pool})`);
});

it("a pod with a claim lists claims, volumes, storage classes and CSINodes, and starts a node in its volume's zone", async () => {
  const { world, listed } = await busyWorld(0);
  world.kube.put("/api/v1/namespaces/default/persistentvolumeclaims/data", {
    metadata: { name: "data", namespace: "default" },
    spec: { volumeName: "pv-1" },
  });
  const values = ["zone-of-subnet-1"];
  const matchExpressions = [{ key: "topology.kubernetes.io/zone", operator: "In", values }];
  world.kube.put("/api/v1/persistentvolumes/pv-1", {
    metadata: { name: "pv-1" },
    spec: { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } },
  });
  for (const { metadata } of world.kube.in<{ metadata: { name: string } }>(paths.nodes())) {
    const zone = world.ec2.instances.get(metadata.name.replace("node-", ""))?.zone;
    world.kube.change(paths.node(metadata.name), { metadata: { labels: { "topology.kubernetes.io/zone": zone } } });
  }
  addPod(world, { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] });
  await world.reconcileDemand();
  const started = world.ec2.starts.flat().map((id) => world.ec2.instances.get(id)?.zone);
  expect(started).toEqual(values);
  expect(listed.filter((path) => /volume|storageclasses|csinodes/.test(path))).toHaveLength(4);
});

it("a pod with a ReadWriteOncePod claim lists its namespace, and starts nothing while a running pod uses the claim", async () => {
  const { world, listed } = await busyWorld(2);
  world.kube.put("/api/v1/namespaces/default/persistentvolumeclaims/data", {
    metadata: { name: "data", namespace: "default" },
    spec: { volumeName: "pv-1", accessModes: ["ReadWriteOncePod"] },
  });
  world.kube.put("/api/v1/persistentvolumes/pv-1", { metadata: { name: "pv-1" }, spec: {} });
  const volumes = [{ name: "data", persistentVolumeClaim: { claimName: "data" } }];
  addPod(world, { volumes });
  world.kube.change(paths.pod("default", "busy-1"), { spec: { volumes } });
  await world.reconcileDemand();
  expect(listed).toContain("/api/v1/namespaces/default/pods?");
  expect(world.ec2.starts).toEqual([]);
  world.kube.objects.delete(paths.pod("default", "busy-1"));
  await world.reconcileDemand();
  expect(world.ec2.starts.flat()).toHaveLength(1);
});

it("static pods of one standby node count on all nodes of its type", async () => {
  const { world, listed } = await busyWorld(0);
  world.kube.put(paths.pod("kube-system", "proxy-node-i-00000001"), {
    metadata: {
      name: "proxy-node-i-00000001",
      namespace: "kube-system",
      annotations: { "kubernetes.io/config.mirror": "7" },
    },
    spec: { nodeName: "node-i-00000001", containers: [{ name: "proxy", resources: { requests: { cpu: "1" } } }] },
    status: { phase: "Running" },
  });
  for (const name of ["one", "two"]) addPendingPod(world, name, "1");
  await world.reconcileDemand();
  expect(world.ec2.starts.flat()).toHaveLength(2);
  expect(listed.filter((path) => path.includes("spec.nodeName"))).toHaveLength(1);
});

it("the pods of nodes that are not Ready yet need no list per node", async () => {
  const { world, listed } = await busyWorld(0);
  addPod(world, {});
  await world.reconcileDemand();
  listed.length = 0;
  await world.reconcileDemand();
  // For static pods, the pods of one node of each type are listed, and then cached.
  expect(listed.filter((path) => path.includes("spec.nodeName"))).toEqual([
    "/api/v1/pods?spec.nodeName=node-i-00000001",
  ]);
});

it("a type that EC2 failed to describe is described at the next observation", async () => {
  const { world } = await busyWorld(0);
  world.kube.change(paths.nodeClass("workers"), { spec: { instanceTypes: ["m5.large", "m6i.large"] } });
  for (const subnet of [0, 1]) {
    await world.ports.unavailableOfferings.markUnavailable(
      CLUSTER,
      `m5.large in zone-of-subnet-${subnet}`,
      world.now() + 60_000,
    );
  }
  addPod(world, {});
  let throttled = true;
  const describeInstanceType = async (instanceType: string) => {
    if (throttled) throw new Error("slow down");
    return anInstanceType({ instanceType });
  };
  const observe = createObserveDemand({ ...world.ports, ec2: { ...world.ports.ec2, describeInstanceType } });
  const reportedCpu = async () => {
    const observed = await observe(CLUSTER, world.now(), new Set());
    return observed?.view.pools.map(({ template }) => template.estimates.get("m6i.large")?.cpu);
  };
  expect(await reportedCpu()).toEqual([undefined]);
  throttled = false;
  expect(await reportedCpu()).toEqual(["1930m"]);
});
