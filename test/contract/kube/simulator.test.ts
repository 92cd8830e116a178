/** The Kubernetes contract suites, which cover everything that Stratos relies on in Kubernetes, on the simulated cluster. */
import { afterAll, beforeAll } from "vitest";
import type { Cluster } from "./cluster.ts";
import { startSimulatedCluster } from "./simulated-cluster.ts";
import { describeKubernetes } from "./suites.ts";

let cluster: Promise<Cluster>;
beforeAll(async () => {
  cluster = startSimulatedCluster();
  await cluster;
});
afterAll(async () => (await cluster).stop());

describeKubernetes("the simulated cluster", () => cluster);
