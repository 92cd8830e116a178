/** Everything that Stratos relies on in Kubernetes, on the embedded cluster. */
import { afterAll, beforeAll } from "vitest";
import type { Cluster } from "./cluster.ts";
import { startEmbedded } from "./embedded-cluster.ts";
import { describeKubernetes } from "./suites.ts";

let cluster: Promise<Cluster>;
beforeAll(async () => {
  cluster = startEmbedded();
  await cluster;
});
afterAll(async () => (await cluster).stop());

describeKubernetes("the embedded cluster", () => cluster);
