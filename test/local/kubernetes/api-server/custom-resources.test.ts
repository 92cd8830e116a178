import { describe, expect, test } from "vitest";
import { MERGE, STRATEGIC, startApi, TABLE } from "./api-client.ts";
import { aNodeClass, aNodePool, applyDefinitions, DEFINITIONS, NODE_CLASSES, NODE_POOLS } from "./objects.ts";

const withDefinitions = async () => {
  const api = await startApi();
  await applyDefinitions(api);
  return api;
};

const definitionOfFoos = (openAPIV3Schema: object) => ({
  metadata: { name: "foos.example.org" },
  spec: {
    group: "example.org",
    scope: "Cluster",
    names: { plural: "foos", kind: "Foo" },
    versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema } }],
  },
});

describe("a definition", () => {
  test("is established at once, served, and discovered", async () => {
    const { call } = await withDefinitions();
    const { body } = await call("GET", `${DEFINITIONS}/nodepools.stratos.sh`);
    expect(body.status.conditions).toMatchObject([
      { type: "NamesAccepted", status: "True" },
      { type: "Established", status: "True" },
    ]);
    const { resources } = (await call("GET", "/apis/stratos.sh/v1alpha1")).body;
    expect(resources).toMatchObject([
      { name: "nodepools", kind: "NodePool", shortNames: ["np", "npool"], namespaced: false },
      { name: "nodepools/status" },
      { name: "awsnodeclasses", shortNames: ["awsnc"] },
      { name: "awsnodeclasses/status" },
    ]);
    expect((await call("GET", "/apis")).body.groups.map(({ name }: { name: string }) => name)).toContain("stratos.sh");
  });

  test("has its full schema in the OpenAPI document, for kubectl explain and validation", async () => {
    const { call } = await withDefinitions();
    expect((await call("GET", "/openapi/v3")).body.paths).toHaveProperty(["apis/stratos.sh/v1alpha1"]);
    const { body } = await call("GET", "/openapi/v3/apis/stratos.sh/v1alpha1");
    const { properties } = body.components.schemas["sh.stratos.v1alpha1.NodePool"];
    expect(properties.spec.properties.poolSize).toMatchObject({ type: "integer", maximum: 1000 });
    const { patch } = body.paths["/apis/stratos.sh/v1alpha1/nodepools/{name}"];
    expect(patch["x-kubernetes-group-version-kind"]).toEqual({
      group: "stratos.sh",
      version: "v1alpha1",
      kind: "NodePool",
    });
    expect(patch.parameters.map(({ name }: { name: string }) => name)).toContain("fieldValidation");
  });

  test("deletes its objects when it is deleted", async () => {
    const { call, watch, clock } = await withDefinitions();
    await call("POST", NODE_POOLS, aNodePool("a"));
    const events = watch(`${NODE_POOLS}?watch=1`, 2);
    await call("DELETE", `${DEFINITIONS}/nodepools.stratos.sh`);
    expect(await events).toMatchObject([{ type: "ADDED" }, { type: "DELETED" }]);
    await clock.sleep(1000);
    expect((await call("GET", NODE_POOLS)).status).toBe(404);
  });

  test("is rejected if one of its rules does not compile", async () => {
    const { call } = await startApi();
    const schema = { type: "object", "x-kubernetes-validations": [{ rule: "self.a ==" }] };
    const { status, body } = await call("POST", DEFINITIONS, definitionOfFoos(schema));
    expect([status, body.details.causes[0].field]).toEqual([
      422,
      "spec.versions[0].schema.openAPIV3Schema.x-kubernetes-validations[0].rule",
    ]);
  });
});

describe("a custom resource", () => {
  test("gets defaults, and a generation that counts spec changes", async () => {
    const { call } = await withDefinitions();
    const { body } = await call("POST", NODE_POOLS, aNodePool("a"));
    expect(body).toMatchObject({
      metadata: { generation: 1 },
      spec: { reconciliationInterval: "30s", scaleDown: { enabled: true, emptyNodeTTL: "5m" } },
    });
    const status = { status: { warmup: 1 }, spec: { poolSize: 99 }, metadata: { labels: { a: "b" } } };
    const reported = (await call("PATCH", `${NODE_POOLS}/a/status`, status, { type: MERGE })).body;
    expect(reported).toMatchObject({ metadata: { generation: 1 }, spec: { poolSize: 5 }, status: { warmup: 1 } });
    expect(reported.metadata.labels).toBeUndefined();
    const resized = await call("PATCH", `${NODE_POOLS}/a`, { spec: { poolSize: 6 } }, { type: MERGE });
    expect(resized.body).toMatchObject({ metadata: { generation: 2 }, status: { warmup: 1 } });
  });

  // The messages are those of kube-apiserver v1.36.3 for the same objects.
  test.each([
    [{ poolSize: 0 }, "spec.poolSize", "Invalid value: 0: spec.poolSize in body should be greater than or equal to 1"],
    [
      { poolSize: "x" },
      "spec.poolSize",
      'Invalid value: "string": spec.poolSize in body must be of type integer: "string"',
    ],
    [{ minStandby: 9 }, "spec.minStandby", "Invalid value: minStandby (9) must not be greater than poolSize (5)"],
    [{ template: undefined }, "spec.template", "Required value"],
    [
      { template: { nodeClassRef: { kind: "Xxx", name: "a" } } },
      "spec.template.nodeClassRef.kind",
      'Unsupported value: "Xxx": supported values: "AWSNodeClass"',
    ],
    [{ preWarm: { images: Array(70).fill("a") } }, "spec.preWarm.images", "Too many: 70: must have at most 64 items"],
    [
      { reconciliationInterval: "1s" },
      "spec.reconciliationInterval",
      'Invalid value: "1s": reconciliationInterval must be a duration of at least 5s, such as 30s or 5m',
    ],
    [
      { reconciliationInterval: "5 minutes" },
      "spec.reconciliationInterval",
      'Invalid value: "5 minutes": reconciliationInterval must be a duration of at least 5s, such as 30s or 5m',
    ],
    [{ maxNodeRuntime: "1".repeat(40) }, "spec.maxNodeRuntime", "Too long: may not be more than 32 bytes"],
  ])("with the spec %j is rejected with the name of the field", async (spec, field, message) => {
    const { call } = await withDefinitions();
    const { status, body } = await call("POST", NODE_POOLS, aNodePool("bad", spec));
    expect(status).toBe(422);
    expect(body.details.causes).toContainEqual(expect.objectContaining({ field, message }));
    expect(body.message).toContain(`NodePool.stratos.sh "bad" is invalid: `);
  });

  test("is rejected with the error of a rule that cannot be evaluated, as cel-go words it", async () => {
    const { call } = await startApi();
    const rule = { rule: "duration(self) > duration('0s')", message: "after must be longer than 0s" };
    const properties = { after: { type: "string", "x-kubernetes-validations": [rule] } };
    await call("POST", DEFINITIONS, definitionOfFoos({ type: "object", properties }));
    const foo = { apiVersion: "example.org/v1", kind: "Foo", metadata: { name: "a" }, after: "5 minutes" };
    const { body } = await call("POST", "/apis/example.org/v1/foos", foo);
    expect(body.details.causes).toEqual([
      {
        field: "after",
        reason: "FieldValueInvalid",
        message:
          "Invalid value: \"string\": type conversion error from 'string' to 'google.protobuf.Duration' evaluating rule: " +
          "after must be longer than 0s",
      },
    ]);
  });

  test("is rejected if a list of type map contains a duplicate item", async () => {
    const { call } = await withDefinitions();
    const taint = { key: "a", effect: "NoSchedule" };
    const nodeClassRef = { kind: "AWSNodeClass", name: "a" };
    const { body } = await call(
      "POST",
      NODE_POOLS,
      aNodePool("bad", { template: { nodeClassRef, taints: [taint, taint] } }),
    );
    expect(body.details.causes[0]).toEqual({
      reason: "FieldValueDuplicate",
      message: 'Duplicate value: {"effect":"NoSchedule","key":"a"}',
      field: "spec.template.taints[1]",
    });
  });

  test.each([
    [{ bootstrapTemplate: "AL2023" }, "exactly one of bootstrapTemplate and userData must be set"],
    [{ subnetSelector: { tags: { a: "b" } } }, "exactly one of subnetIds and subnetSelector must be set"],
    [{ role: undefined }, "exactly one of iamInstanceProfile and role must be set"],
  ])("with %j is rejected by a rule that explains the fix", async (spec, message) => {
    const { call } = await withDefinitions();
    const { status, body } = await call("POST", NODE_CLASSES, aNodeClass("bad", spec));
    expect(status).toBe(422);
    expect(body.message).toContain(message);
  });

  test("loses unknown fields with a warning, or is rejected with fieldValidation=Strict", async () => {
    const { call } = await withDefinitions();
    const pool = aNodePool("a", { poolsize: 3 });
    const strict = await call("POST", `${NODE_POOLS}?fieldValidation=Strict`, pool);
    expect([strict.status, strict.body.message]).toEqual([
      400,
      'NodePool in version "v1alpha1" cannot be handled as a NodePool: strict decoding error: unknown field "spec.poolsize"',
    ]);
    const lenient = await call("POST", NODE_POOLS, pool);
    expect(lenient.headers.warning).toBe('299 - "unknown field \\"spec.poolsize\\""');
    expect(lenient.body.spec).not.toHaveProperty("poolsize");
  });

  test("is rendered with its printer columns", async () => {
    const { call } = await withDefinitions();
    await call("POST", NODE_POOLS, aNodePool("a"));
    const conditions = [
      { type: "Degraded", status: "False", reason: "A", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
      { type: "Ready", status: "True", reason: "A", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" },
    ];
    await call(
      "PATCH",
      `${NODE_POOLS}/a/status`,
      { status: { standby: 1, desiredStandby: 1, conditions } },
      { type: MERGE },
    );
    const { body } = await call("GET", NODE_POOLS, undefined, { accept: TABLE });
    expect(body.rows[0].cells).toEqual([
      "a",
      5,
      1,
      null,
      1,
      null,
      null,
      null,
      "True",
      null,
      "0s",
      null,
      null,
      null,
      "a",
    ]);
  });

  test("accepts no strategic merge patch, and no update without a resourceVersion", async () => {
    const { call } = await withDefinitions();
    await call("POST", NODE_POOLS, aNodePool("a"));
    expect((await call("PATCH", `${NODE_POOLS}/a`, {}, { type: STRATEGIC })).status).toBe(415);
    const { status, body } = await call("PUT", `${NODE_POOLS}/a`, aNodePool("a"));
    expect([status, body.details.causes[0].field]).toEqual([422, "metadata.resourceVersion"]);
  });
});
