import { describe, expect, test } from "vitest";
import { decodeObject } from "../../../../local/kubernetes/api-server/protobuf/decode.ts";
import { startApi } from "./api-client.ts";

type Value = number | string | Buffer;

/** Encodes a message with these fields in order. */
const message = (...fields: readonly (readonly [number: number, value: Value])[]): Buffer =>
  Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number") return [Buffer.from([number << 3]), varint(value)];
      const content = Buffer.from(value);
      return [Buffer.from([(number << 3) | 2]), varint(content.length), content];
    }),
  );

const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
};

const encode = (apiVersion: string, kind: string, object: Buffer): Buffer => {
  const type = message([1, apiVersion], [2, kind]);
  return Buffer.concat([Buffer.from("k8s\0"), message([1, type], [2, object], [3, ""], [4, ""])]);
};

describe("a protobuf body", () => {
  test("is decoded with maps, lists and numbers", () => {
    const labels = [message([1, "a"], [2, "1"]), message([1, "b"], [2, "2"])] as const;
    const metadata = message([1, "web"], [3, ""], [8, Buffer.alloc(0)], [11, labels[0]], [11, labels[1]]);
    const container = message([1, "main"], [3, "sleep"], [3, "10"], [6, message([2, 0], [3, 300])]);
    const template = message([2, message([2, container])]);
    expect(decodeObject(encode("apps/v1", "Deployment", message([1, metadata], [2, message([3, template])])))).toEqual({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", labels: { a: "1", b: "2" } },
      spec: {
        template: {
          spec: { containers: [{ name: "main", command: ["sleep", "10"], ports: [{ containerPort: 300 }] }] },
        },
      },
    });
  });

  test("keeps a zero only for a Go pointer", () => {
    const spec = message([1, 0], [5, 0], [7, 0]);
    const { spec: read } = decodeObject(encode("apps/v1", "Deployment", message([2, spec])));
    expect(read).toEqual({ replicas: 0 });
  });

  test("is decoded with negative numbers and times", () => {
    const negative = decodeObject(encode("scheduling.k8s.io/v1", "PriorityClass", message([2, -10])));
    expect(negative.value).toBe(-10);
    const metadata = message([8, message([1, 1_795_000_000])]);
    const dated = decodeObject(encode("v1", "ConfigMap", message([1, metadata])));
    expect(dated.metadata).toEqual({ creationTimestamp: "2026-11-18T11:06:40Z" });
  });

  test.each([
    ["an unsupported kind", encode("v1", "Node", Buffer.alloc(0)), "Node is read as JSON only"],
    ["an unknown field", encode("v1", "ConfigMap", message([9, "x"])), "field 9 of ConfigMap is read as JSON only"],
    ["a truncated message", encode("v1", "ConfigMap", Buffer.from([0x0a, 5, 1])), "field 1 is longer than its message"],
    ["another format", Buffer.from("{}"), "the body does not begin with k8s"],
  ])("with %s is rejected", (_content, body, error) => {
    expect(() => decodeObject(body)).toThrow(error);
  });

  test("is accepted by create requests, or rejected with the reason", async () => {
    const { call } = await startApi();
    const type = "application/vnd.kubernetes.protobuf";
    const namespace = encode("v1", "Namespace", message([1, message([1, "team"])])).toString("latin1");
    expect((await call("POST", "/api/v1/namespaces", namespace, { type })).status).toBe(201);
    const { status, body } = await call(
      "POST",
      "/api/v1/nodes",
      encode("v1", "Node", Buffer.alloc(0)).toString("latin1"),
      {
        type,
      },
    );
    expect([status, body.message]).toEqual([400, "error decoding the body: Node is read as JSON only"]);
  });
});

test("a Deployment, a DaemonSet and a PodDisruptionBudget get the defaults of a real API server", async () => {
  const { call } = await startApi();
  const spec = {
    selector: { matchLabels: { a: "b" } },
    template: { metadata: { labels: { a: "b" } }, spec: { containers: [{ name: "a", image: "b" }] } },
  };
  const apps = "/apis/apps/v1/namespaces/default";
  const deployment = { metadata: { name: "web" }, spec: { ...spec, strategy: { rollingUpdate: { maxSurge: 1 } } } };
  expect((await call("POST", `${apps}/deployments`, deployment)).body.spec.strategy).toEqual({
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 1, maxUnavailable: "25%" },
  });
  const recreating = { metadata: { name: "db" }, spec: { ...spec, strategy: { type: "Recreate" } } };
  expect((await call("POST", `${apps}/deployments`, recreating)).body.spec.strategy).toEqual({ type: "Recreate" });
  const daemon = { metadata: { name: "agent" }, spec };
  expect((await call("POST", `${apps}/daemonsets`, daemon)).body.spec.updateStrategy).toEqual({
    type: "RollingUpdate",
    rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
  });
  const budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
  const budget = { metadata: { name: "b" }, spec: { minAvailable: 1, selector: spec.selector } };
  expect((await call("POST", budgets, budget)).body.status).toMatchObject({ disruptionsAllowed: 0, expectedPods: 0 });
});
