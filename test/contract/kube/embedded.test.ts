/** Everything that Stratos relies on in Kubernetes, on the embedded cluster. */
import { afterAll, beforeAll } from "vitest";
import type { Cluster } from "./cluster.ts";
import { startEmbedded } from "./embedded-cluster.ts";
import { describeKubernetes } from "./suites.ts";

/** What the embedded cluster waits for passes so much faster than it would. */
const SPEED = 50;

let cluster: Promise<Cluster>;
beforeAll(async () => {
  cluster = startEmbedded(SPEED);
  await cluster;
});
afterAll(async () => (await cluster).stop());

describeKubernetes("the embedded cluster", () => cluster);
