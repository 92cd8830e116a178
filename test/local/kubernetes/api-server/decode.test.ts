import { describe, expect, test } from "vitest";
import { MERGE, startApi } from "./api-client.ts";
import { aDeployment, aNode, aNodePool, aPod, applyDefinitions, DEPLOYMENTS, NODE_POOLS, PODS } from "./objects.ts";

const STRICT = "?fieldValidation=Strict";

describe("a built-in kind", () => {
  test("is refused with the path of a field that it does not have, if the client wants it so", async () => {
    const { call } = await startApi();
    const pod = aPod("p", { containers: [{ name: "main", image: "nginx", resource: {} }], nodeNames: "n1" });
    const refused = await call("POST", `${PODS}${STRICT}`, pod);
    expect([refused.status, refused.body.message]).toEqual([
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
    ["a number", { replicas: "two" }, "string into Go struct field DeploymentSpec.spec.replicas of type int32"],
    ["a whole number", { replicas: 1.5 }, "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32"],
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
  ])("is refused where %s is wanted and something else is there", async (_what, spec, says) => {
    const { call } = await startApi();
    const deployment = aDeployment("web");
    const { status, body } = await call("POST", DEPLOYMENTS, { ...deployment, spec: { ...deployment.spec, ...spec } });
    expect(status).toBe(400);
    expect(body.message).toBe(
      `Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal ${says}`,
    );
  });

  test("takes quantities as text and as numbers", async () => {
    const { call } = await startApi();
    const asking = (cpu: unknown) => ({
      containers: [{ name: "main", image: "nginx", resources: { requests: { cpu } } }],
    });
    expect((await call("POST", PODS, aPod("a", asking(1)))).status).toBe(201);
    expect((await call("POST", PODS, aPod("b", asking("100m")))).status).toBe(201);
    expect((await call("POST", PODS, aPod("c", asking("one")))).body.message).toMatch(/quantities must match/);
  });

  test("keeps what a patch may not put in", async () => {
    const { call } = await startApi();
    await call("POST", "/api/v1/nodes", aNode("n1"));
    const { status } = await call("PATCH", "/api/v1/nodes/n1", { spec: { unschedulable: "yes" } }, { type: MERGE });
    expect(status).toBe(400);
    expect((await call("GET", "/api/v1/nodes/n1")).body.spec).not.toHaveProperty("unschedulable");
  });
});

test("the metadata of a custom resource is decoded like everyone's", async () => {
  const api = await startApi();
  await applyDefinitions(api);
  const pool = { ...aNodePool("a"), metadata: { name: "a", labels: { team: 1 } } };
  const { status, body } = await api.call("POST", NODE_POOLS, pool);
  expect(status).toBe(400);
  expect(body.message).toMatch(
    /cannot unmarshal number into Go struct field ObjectMeta\.metadata\.labels of type string/,
  );
});
