import { describe, expect, it } from "vitest";
import { KubeError } from "../../../shared/kube/client.ts";
import { type ConnectionOptions, createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { type ReceivedRequest, type Reply, startServer } from "./server.ts";

const NODE = { metadata: { name: "n1" } };

const connect = async (
  reply: (request: ReceivedRequest, index: number) => Reply,
  options: Partial<ConnectionOptions> = {},
) => {
  const server = await startServer(reply);
  const unusable: number[] = [];
  const kube = createKubeClient({
    endpoint: server.endpoint,
    ca: server.ca,
    token: async () => "secret",
    onUnusable: () => void unusable.push(1),
    ...options,
  });
  return { server, kube, unusable };
};

/** Returns each reply once, then the last one forever. */
const inSequence =
  (...replies: Reply[]) =>
  (_request: ReceivedRequest, index: number): Reply =>
    replies[Math.min(index, replies.length - 1)] ?? { status: 500 };

const OK = { status: 200, body: NODE };
const status = (code: number, reason: string, message: string, details: object = {}) => ({
  status: code,
  body: { kind: "Status", reason, message, details },
});

describe("the Kubernetes client", () => {
  it("sends its token, requests JSON and reuses one connection", async () => {
    const { server, kube } = await connect(inSequence(OK));
    expect(await kube.get(paths.node("n1"))).toEqual(NODE);
    await kube.get(paths.node("n1"));
    expect(server.requests[0]?.headers).toMatchObject({ authorization: "Bearer secret", accept: "application/json" });
    expect(server.requests.map(({ connections }) => connections)).toEqual([1, 1]);
  });

  it("requests only metadata if that is enough", async () => {
    const { server, kube } = await connect(inSequence({ status: 200, body: { items: [NODE], metadata: {} } }));
    expect(await kube.list(paths.nodes(), { metadataOnly: true })).toEqual([NODE]);
    expect(server.requests[0]?.headers.accept).toBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  });

  it("does not trust a server with another certificate authority", async () => {
    const other = await startServer(inSequence(OK));
    const { kube } = await connect(inSequence(OK), { ca: "", endpoint: other.endpoint });
    await expect(kube.get(paths.node("n1"))).rejects.toThrow("GET /api/v1/nodes/n1");
  });

  it("handles objects that do not exist", async () => {
    const { kube } = await connect(
      inSequence(status(404, "NotFound", 'nodes "n1" not found', { name: "n1", kind: "nodes" })),
    );
    expect(await kube.get(paths.node("n1"))).toBeUndefined();
    expect(await kube.patch(paths.node("n1"), "merge", {})).toBeUndefined();
    expect(await kube.delete(paths.node("n1"))).toBe(false);
    await expect(kube.create(paths.nodes(), NODE)).rejects.toThrow(KubeError);
  });

  it.each([
    ["as for a CRD that is gone", status(404, "NotFound", "the server could not find the requested resource")],
    ["as for an unknown path", { status: 404, body: "404 page not found" }],
  ])("does not take a resource that is not served for a missing object, %s", async (_, reply) => {
    const { kube } = await connect(inSequence(reply));
    const notServed = "the API server does not serve this resource";
    await expect(kube.get(paths.nodePool("ci"))).rejects.toThrow(notServed);
    await expect(kube.list(paths.nodePools())).rejects.toThrow(notServed);
    await expect(kube.patch(paths.nodePool("ci"), "merge", {})).rejects.toThrow(notServed);
    await expect(kube.delete(paths.nodePool("ci"))).rejects.toThrow(notServed);
  });

  it("reads lists to the last page, with the selectors in each request", async () => {
    const { server, kube } = await connect(({ url }) => {
      const page = Number(url.searchParams.get("continue") ?? 0);
      const metadata = page < 2 ? { continue: String(page + 1) } : {};
      return { status: 200, body: { items: [page], metadata } };
    });
    expect(await kube.list(paths.pods(), { labelSelector: "a=b", fieldSelector: "spec.nodeName=n" })).toEqual([
      0, 1, 2,
    ]);
    expect(server.requests.map(({ url }) => url.search)).toEqual(
      ["", "&continue=1", "&continue=2"].map(
        (end) => `?limit=500&labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn${end}`,
      ),
    );
  });

  it("keeps of each page what is asked for", async () => {
    const { kube } = await connect(({ url }) => {
      const page = Number(url.searchParams.get("continue") ?? 0);
      return {
        status: 200,
        body: { items: [page, page + 10], metadata: page < 2 ? { continue: String(page + 1) } : {} },
      };
    });
    const project = (item: number) => (item < 10 ? `item ${item}` : undefined);
    expect(await kube.list(paths.pods(), {}, project)).toEqual(["item 0", "item 1", "item 2"]);
  });

  it.each([
    ["merge", "application/merge-patch+json"],
    ["strategic", "application/strategic-merge-patch+json"],
    ["json", "application/json-patch+json"],
  ] as const)("sends the content type of a %s patch", async (type, contentType) => {
    const { server, kube } = await connect(inSequence(OK));
    await kube.patch(paths.node("n1"), type, [{ op: "test" }]);
    expect(server.requests[0]).toMatchObject({
      method: "PATCH",
      body: [{ op: "test" }],
      headers: { "content-type": contentType },
    });
  });

  it("throws the server's reason and message", async () => {
    const { server, kube } = await connect(inSequence(status(409, "Conflict", "the object has been modified")));
    await expect(kube.patch(paths.node("n1"), "merge", {})).rejects.toMatchObject({
      name: "KubeError",
      status: 409,
      reason: "Conflict",
      message: "PATCH /api/v1/nodes/n1: the object has been modified",
    });
    expect(server.requests).toHaveLength(1);
  });

  it("honors Retry-After when it is throttled", async () => {
    const { server, kube } = await connect(inSequence({ status: 429, headers: { "retry-after": "0" } }, OK));
    expect(await kube.create(paths.nodes(), NODE)).toEqual(NODE);
    expect(server.requests).toHaveLength(2);
  });

  it("does not retry an eviction that a PodDisruptionBudget blocks", async () => {
    const details = {
      causes: [{ reason: "DisruptionBudget", message: "The disruption budget web needs 1 healthy pods" }],
    };
    const refusal = {
      ...status(429, "TooManyRequests", "Cannot evict pod", details),
      headers: { "retry-after": "10" },
    };
    const { server, kube } = await connect(inSequence(refusal));
    const eviction = kube.create(paths.eviction("default", "p"), {});
    await expect(eviction).rejects.toMatchObject({ status: 429, causes: ["DisruptionBudget"] });
    expect(server.requests).toHaveLength(1);
  });

  it("retries an eviction that a throttled API server refuses", async () => {
    const throttled = status(429, "TooManyRequests", "Too many requests, please try again later.");
    const { server, kube } = await connect(inSequence({ ...throttled, headers: { "retry-after": "0" } }, OK));
    expect(await kube.create(paths.eviction("default", "p"), {})).toEqual(NODE);
    expect(server.requests).toHaveLength(2);
  });
});

describe("a call that the server failed", () => {
  const calls = [
    ["get", true],
    ["merge patch", true],
    ["strategic patch", true],
    ["delete", true],
    ["json patch", false],
    ["create", false],
  ] as const;

  it.each(calls)("%s is retried: %s", async (name, retried) => {
    for (const failure of [{ status: 503 }, "hang up"] as const) {
      const { server, kube } = await connect(inSequence(failure, OK));
      const call = {
        get: () => kube.get(paths.node("n1")),
        "merge patch": () => kube.patch(paths.node("n1"), "merge", {}),
        "strategic patch": () => kube.patch(paths.node("n1"), "strategic", {}),
        "json patch": () => kube.patch(paths.node("n1"), "json", []),
        delete: () => kube.delete(paths.node("n1")),
        create: () => kube.create(paths.nodes(), NODE),
      }[name];
      const succeeded = await call().then(
        () => true,
        () => false,
      );
      expect(succeeded).toBe(retried);
      expect(server.requests).toHaveLength(retried ? 2 : 1);
    }
  });

  it("fails after three attempts", async () => {
    const { server, kube, unusable } = await connect(inSequence({ status: 500 }));
    await expect(kube.get(paths.node("n1"))).rejects.toMatchObject({ status: 500 });
    expect(server.requests).toHaveLength(3);
    expect(unusable).toEqual([]);
  });
});

describe("a connection", () => {
  it("that was closed while idle does not fail any call", async () => {
    const { server, kube } = await connect(inSequence(OK));
    await kube.get(paths.node("n1"));
    server.resetConnections();
    // The client has not noticed yet, as after Lambda has frozen the function.
    expect(await kube.create(paths.nodes(), NODE)).toEqual(NODE);
    expect(server.requests).toHaveLength(2);
  });

  it("without a response times out and is reported as unusable", async () => {
    const { kube, unusable } = await connect(inSequence("hang on"), { timeoutMs: 50 });
    const cause = expect.objectContaining({ message: "no response from the API server within 50 ms" });
    await expect(kube.create(paths.nodes(), NODE)).rejects.toMatchObject({ cause });
    expect(unusable).toHaveLength(1);
  });

  it("to a closed port is reported as unusable", async () => {
    const { kube, unusable } = await connect(inSequence(OK), { endpoint: "https://127.0.0.1:1" });
    await expect(kube.get(paths.node("n1"))).rejects.toThrow("GET /api/v1/nodes/n1");
    expect(unusable).toHaveLength(1);
  });

  it("with rejected credentials is reported as unusable", async () => {
    const { kube, unusable } = await connect(inSequence(status(401, "Unauthorized", "Unauthorized")));
    await expect(kube.get(paths.node("n1"))).rejects.toMatchObject({ status: 401 });
    expect(unusable).toHaveLength(1);
  });
});
