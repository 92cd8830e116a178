import { beforeAll, describe, expect, test } from "vitest";
import { request } from "../api-server.ts";
import { NODE_CLASS_CASES } from "../awsnodeclass-cases.ts";
import { type Kind, MINIMAL, merged, PLURAL } from "../crd-cases.ts";
import { NODE_POOL_CASES } from "../nodepool-cases.ts";
import type { Cluster, Suite } from "./cluster.ts";
import { applyDefinitions, DEFINITIONS, pathOf, readYaml } from "./definitions.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

export const describeCustomResources: Suite = (implementation, connect) => {
  describe(`Stratos's own resources on ${implementation}`, () => {
    let server: Cluster;
    const create = (kind: Kind, object: object, query = "?fieldValidation=Strict&dryRun=All") =>
      request(server, "POST", pathOf(kind, query), object);

    beforeAll(async () => {
      server = await connect();
      await applyDefinitions(server);
    });

    test.each(Object.values(PLURAL))("the API server accepts the schema of %s without a complaint", async (plural) => {
      const { body } = await request(server, "GET", `${DEFINITIONS}/${plural}.stratos.sh`);
      const conditions = (body as { status: { conditions: { type: string; status: string }[] } }).status.conditions;
      expect(conditions).toContainEqual(expect.objectContaining({ type: "Established", status: "True" }));
      expect(conditions).not.toContainEqual(expect.objectContaining({ type: "NonStructuralSchema", status: "True" }));
    });

    describe.each([...NODE_POOL_CASES, ...NODE_CLASS_CASES])("$kind: $rule", ({ kind, good, bad, says }) => {
      test("a good object is accepted", async () => {
        const { status, body } = await create(kind, merged(MINIMAL[kind], good));
        expect(status, JSON.stringify(body)).toBe(201);
      });

      test("a bad object is rejected with the field's name", async () => {
        const { status, body } = await create(kind, merged(MINIMAL[kind], bad));
        expect(status).toBe(422);
        expect((body as { message: string }).message).toMatch(says);
      });
    });

    test("a pool's defaults are those of the specification", async () => {
      const { body } = await create("NodePool", MINIMAL.NodePool);
      expect(body).toMatchObject({
        spec: {
          reconciliationInterval: "30s",
          template: { networkReadinessStrategy: "Taint" },
          preWarm: { timeout: "10m", timeoutAction: "stop", imagePullPolicy: "Required" },
          scaleDown: { enabled: true, emptyNodeTTL: "5m", drainTimeout: "5m" },
          spotReplacement: { enabled: false, replacementDelay: "2m" },
        },
      });
    });

    test("a default does not replace values that are set beside it", async () => {
      const { body } = await create("NodePool", merged(MINIMAL.NodePool, { spec: { scaleDown: { enabled: false } } }));
      expect(body).toMatchObject({ spec: { scaleDown: { enabled: false, emptyNodeTTL: "5m" } } });
    });

    test("a class's defaults are those of the specification", async () => {
      const spot = merged(MINIMAL.AWSNodeClass, { spec: { spotConfig: { instanceTypes: ["m5.large"] } } });
      const { body } = await create("AWSNodeClass", spot);
      expect(body).toMatchObject({
        spec: {
          architecture: "x86_64",
          metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
          spotConfig: { allocationStrategy: "price-capacity-optimized" },
        },
      });
    });

    test("a misspelled field is rejected with its name", async () => {
      const { status, body } = await create("NodePool", merged(MINIMAL.NodePool, { spec: { minStandbys: 1 } }));
      expect(status).toBe(400);
      expect((body as { message: string }).message).toMatch(/unknown field "spec\.minStandbys"/);
    });

    test.each([
      ["AWSNodeClass", "awsnodeclass"],
      ["NodePool", "nodepool"],
    ] as const)("the quick start's %s is accepted unchanged", async (kind, file) => {
      const { status } = await create(kind, await readYaml(`examples/quickstart/${file}.yaml`));
      expect(status).toBe(201);
    });

    test("status can be written only through its subresource, and shows in the columns", async () => {
      expect(await create("NodePool", MINIMAL.NodePool, "")).toMatchObject({ status: 201 });
      const condition = { type: "Ready", status: "True", reason: "StandbyAvailable", message: "" };
      const status = {
        warmup: 0,
        standby: 2,
        desiredStandby: 2,
        running: 1,
        pendingPods: 7,
        conditions: [{ ...condition, lastTransitionTime: "2026-11-01T00:00:00Z" }],
      };
      const patch = (path: string) =>
        request(server, "PATCH", pathOf("NodePool", path), { status }, "application/merge-patch+json");

      expect((await patch("/ci")).body).not.toHaveProperty("status");
      expect((await patch("/ci/status")).body).toMatchObject({ status, metadata: { generation: 1 } });

      const { body } = await request(server, "GET", pathOf("NodePool"), undefined, undefined, TABLE);
      const table = body as { columnDefinitions: { name: string }[]; rows: { cells: unknown[] }[] };
      const names = table.columnDefinitions.map(({ name }) => name);
      const counts = ["PoolSize", "Desired", "Warmup", "Standby", "Running", "Stopping", "Pending"];
      expect(names).toEqual(["Name", ...counts, "Ready", "Reason", "Age", "Total", "Stale", "Paused", "Class"]);
      const cells = new Map(names.map((name, index) => [name, table.rows[0]?.cells[index]]));
      const shown = ["Name", "PoolSize", "Desired", "Warmup", "Standby", "Running", "Pending", "Ready", "Class"];
      expect(shown.map((name) => cells.get(name))).toEqual(["ci", 4, 2, 0, 2, 1, 7, "True", "workers"]);
    });

    test("node classes have their columns", async () => {
      const { body } = await request(server, "GET", pathOf("AWSNodeClass"), undefined, undefined, TABLE);
      const names = (body as { columnDefinitions: { name: string }[] }).columnDefinitions.map(({ name }) => name);
      expect(names).toEqual(["Name", "Template", "InstanceType", "AMI", "NodePools", "Ready", "Age"]);
    });

    test.each([
      ["NodePool", ["np", "npool"]],
      ["AWSNodeClass", ["awsnc"]],
    ] as const)("%s is cluster-scoped and has its short names", async (kind, shortNames) => {
      const { body } = await request(server, "GET", "/apis/stratos.sh/v1alpha1");
      expect(body).toMatchObject({
        resources: expect.arrayContaining([expect.objectContaining({ kind, namespaced: false, shortNames })]),
      });
    });
  });
};
