import { describe, expect, test } from "vitest";
import { MERGE, startApi } from "./api-client.ts";
import { aDeployment, aNode, aNodePool, aPod, applyDefinitions, DEPLOYMENTS, NODE_POOLS, PODS } from "./objects.ts";

const STRICT = "?fieldValidation=Strict";

describe("a built-in kind", () => {
  test("with an unknown field is rejected in strict mode; otherwise the field is dropped with a warning", async () => {
    const { call } = await startApi();
    const pod = aPod("p", { containers: [{ name: "main", image: "nginx", resource: {} }], nodeNames: "n1" });
    const rejected = await call("POST", `${PODS}${STRICT}`, pod);
    expect([rejected.status, rejected.body.message]).toEqual([
      400,
      'Pod in version "v1" cannot be handled as a Pod: strict decoding error: ' +
        'unknown field "spec.containers[0].resource", unknown field "spec.nodeNames"',
    ]);
    const { status, headers, body } = await call("POST", PODS, pod);
    expect(status).toBe(201);
    expect(headers.warning).toContain('unknown field \\"spec.nodeNames\\"');
    expect(body.spec).not.toHaveProperty("nodeNames");
  });

  test.each([
    ["an integer", { replicas: "two" }, "string into Go struct field DeploymentSpec.spec.replicas of type int32"],
    [
      "an integer without a fraction",
      { replicas: 1.5 },
      "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
    ],
    ["a boolean", { paused: "yes" }, "string into Go struct field DeploymentSpec.spec.paused of type bool"],
    [
      "an object",
      { template: "web" },
      "string into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec",
    ],
    [
      "strings in a map",
      { selector: { matchLabels: { a: 1 } } },
      "number into Go struct field LabelSelector.spec.selector.matchLabels of type string",
    ],
  ])("with another value where %s is expected is rejected", async (_expected, spec, error) => {
    const { call } = await startApi();
    const deployment = aDeployment("web");
    const { status, body } = await call("POST", DEPLOYMENTS, { ...deployment, spec: { ...deployment.spec, ...spec } });
    expect(status).toBe(400);
    expect(body.message).toBe(
      `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ${error}`,
    );
  });

  test("accepts quantities as strings and as numbers", async () => {
    const { call } = await startApi();
    const requesting = (cpu: unknown) => ({
      containers: [{ name: "main", image: "nginx", resources: { requests: { cpu } } }],
    });
    expect((await call("POST", PODS, aPod("a", requesting(1)))).status).toBe(201);
    expect((await call("POST", PODS, aPod("b", requesting("100m")))).status).toBe(201);
    expect((await call("POST", PODS, aPod("c", requesting("one")))).body.message).toMatch(/quantities must match/);
  });

  test("is unchanged by a patch with a value of the wrong type", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const { status } = await call("PATCH", "/api/v1/nodes/n1", { spec: { unschedulable: "yes" } }, { type: MERGE });
    expect(status).toBe(400);
    expect((await call("GET", "/api/v1/nodes/n1")).body.spec).not.toHaveProperty("unschedulable");
  });
});

test("the metadata of a custom resource is decoded like that of built-in kinds", async () => {
  const api = await startApi();
  await applyDefinitions(api);
  const pool = { ...aNodePool("a"), metadata: { name: "a", labels: { team: 1 } } };
  const { status, body } = await api.call("POST", NODE_POOLS, pool);
  expect(status).toBe(400);
  expect(body.message).toMatch(
    /cannot unmarshal number into Go struct field ObjectMeta\.metadata\.labels of type string/,
  );
});
