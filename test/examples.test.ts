/** Every example can be applied without an error, and its node class suits its pool. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../local/kubernetes/api-server/store.ts";
import { templateProblem } from "../shared/bootstrap/class-problem.ts";
import { renderUserData } from "../shared/bootstrap/user-data.ts";
import { poolSpecOf } from "../shared/model/api/pool-spec.ts";
import type { AWSNodeClass, NodePool } from "../shared/model/api/types.ts";
import { startApi } from "./local/kubernetes/api-server/api-client.ts";
import { applyDefinitions, NODE_CLASSES, NODE_POOLS } from "./local/kubernetes/api-server/objects.ts";
import { anAddress } from "./shared/bootstrap/builders.ts";

const FOLDER = join(import.meta.dirname, "../examples");
const FILES = readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));

const COLLECTIONS: Readonly<Record<string, string>> = {
  AWSNodeClass: NODE_CLASSES,
  NodePool: NODE_POOLS,
  Deployment: "/apis/apps/v1/namespaces/default/deployments",
  Job: "/apis/batch/v1/namespaces/default/jobs",
  Service: "/api/v1/namespaces/default/services",
};

const objectsIn = (path: string): KubeObject[] =>
  parseAllDocuments(readFileSync(join(FOLDER, path), "utf8")).map((document) => document.toJS() as KubeObject);

test.each(FILES)("the API server accepts examples/%s unchanged", async (path) => {
  const api = await startApi();
  await applyDefinitions(api);
  for (const object of objectsIn(path)) {
    const { status, body } = await api.call("POST", `${COLLECTIONS[object.kind]}?fieldValidation=Strict`, object);
    expect(status, JSON.stringify(body)).toBe(201);
  }
});

const all = FILES.flatMap(objectsIn);
const classes = all.filter(({ kind }) => kind === "AWSNodeClass") as unknown as AWSNodeClass[];
const pools = all.filter(({ kind }) => kind === "NodePool") as unknown as NodePool[];

test.each(pools.map((pool) => [pool.metadata.name, pool] as const))("pool %s has a suitable node class", (_, pool) => {
  const nodeClass = classes.find(({ metadata }) => metadata.name === pool.spec.template.nodeClassRef.name);
  expect(nodeClass).toBeDefined();
  const { bootstrapTemplate: template, customUserData: custom, kubelet = {} } = nodeClass?.spec ?? {};
  if (!nodeClass || !template) return;
  expect(templateProblem(nodeClass.spec)).toBeUndefined();
  const spec = poolSpecOf(pool, nodeClass);
  const images = { images: spec.preWarm.images, optionalImages: [] };
  expect(renderUserData({ template, custom, kubelet }, spec, anAddress(), images)).toMatchObject({
    kind: "rendered",
  });
});
