/** The same as on the embedded cluster, on Kubernetes itself. */
import { afterAll, beforeAll } from "vitest";
import { startControlPlane } from "../control-plane.ts";
import { type Cluster, PEOPLE } from "./cluster.ts";
import { describeKubernetes } from "./suites.ts";

const START_LIMIT_MS = 90_000;

let cluster: Promise<Cluster>;
beforeAll(async () => {
  cluster = startControlPlane(PEOPLE);
  await cluster;
}, START_LIMIT_MS);
afterAll(async () => (await cluster).stop(), START_LIMIT_MS);

describeKubernetes("the real control plane", () => cluster);
