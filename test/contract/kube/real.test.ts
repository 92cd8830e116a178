/** The Kubernetes contract suites on a real control plane. */
import { afterAll, beforeAll } from "vitest";
import type { Cluster } from "./cluster.ts";
import { startReal } from "./real-cluster.ts";
import { describeKubernetes } from "./suites.ts";

const START_LIMIT_MS = 90_000;

let cluster: Promise<Cluster>;
beforeAll(async () => {
  cluster = startReal();
  await cluster;
}, START_LIMIT_MS);
afterAll(async () => (await cluster).stop(), START_LIMIT_MS);

describeKubernetes("the real control plane", () => cluster);
