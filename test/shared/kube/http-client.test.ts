import { describe, expect, it } from "vitest";
import { KubeError } from "../../../shared/kube/client.ts";
import { type ConnectionOptions, createKubeClient } from "../../../shared/kube/http-client.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { type Asked, type Reply, startServer } from "./server.ts";

const NODE = { metadata: { name: "n1" } };

const connect = async (reply: (asked: Asked, before: number) => Reply, options: Partial<ConnectionOptions> = {}) => {
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

/** Each answer once, the last one for ever. */
const oneByOne =
  (...replies: Reply[]) =>
  (_asked: Asked, before: number): Reply =>
    replies[Math.min(before, replies.length - 1)] ?? { status: 500 };

const OK = { status: 200, body: NODE };
const status = (code: number, reason: string, message: string): Reply => ({
  status: code,
  body: { kind: "Status", reason, message },
});

describe("the Kubernetes client", () => {
  it("asks as the caller, for JSON, over one connection", async () => {
    const { server, kube } = await connect(oneByOne(OK));
    expect(await kube.get(paths.node("n1"))).toEqual(NODE);
    await kube.get(paths.node("n1"));
    expect(server.asked[0]?.headers).toMatchObject({ authorization: "Bearer secret", accept: "application/json" });
    expect(server.asked.map(({ connections }) => connections)).toEqual([1, 1]);
  });

  it("asks for no more than metadata where that is enough", async () => {
    const { server, kube } = await connect(oneByOne({ status: 200, body: { items: [NODE], metadata: {} } }));
    expect(await kube.list(paths.nodes(), { metadataOnly: true })).toEqual([NODE]);
    expect(server.asked[0]?.headers.accept).toBe("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
  });

  it("trusts no server but the one it was told of", async () => {
    const other = await startServer(oneByOne(OK));
    const { kube } = await connect(oneByOne(OK), { ca: "", endpoint: other.endpoint });
    await expect(kube.get(paths.node("n1"))).rejects.toThrow("GET /api/v1/nodes/n1");
  });

  it("finds nothing where there is nothing", async () => {
    const { kube } = await connect(oneByOne(status(404, "NotFound", 'nodes "n1" not found')));
    expect(await kube.get(paths.node("n1"))).toBeUndefined();
    expect(await kube.patch(paths.node("n1"), "merge", {})).toBeUndefined();
    expect(await kube.delete(paths.node("n1"))).toBe(false);
    await expect(kube.create(paths.nodes(), NODE)).rejects.toThrow(KubeError);
    await expect(kube.list(paths.nodes())).rejects.toThrow("does not serve this resource");
  });

  it("reads lists to their last page, with the selectors on each", async () => {
    const { server, kube } = await connect(({ url }) => {
      const page = Number(url.searchParams.get("continue") ?? 0);
      const metadata = page < 2 ? { continue: String(page + 1) } : {};
      return { status: 200, body: { items: [page], metadata } };
    });
    expect(await kube.list(paths.pods(), { labelSelector: "a=b", fieldSelector: "spec.nodeName=n" })).toEqual([
      0, 1, 2,
    ]);
    expect(server.asked.map(({ url }) => url.search)).toEqual(
      ["", "&continue=1", "&continue=2"].map(
        (end) => `?limit=500&labelSelector=a%3Db&fieldSelector=spec.nodeName%3Dn${end}`,
      ),
    );
  });

  it.each([
    ["merge", "application/merge-patch+json"],
    ["strategic", "application/strategic-merge-patch+json"],
    ["json", "application/json-patch+json"],
  ] as const)("says what kind of patch it sends: %s", async (type, contentType) => {
    const { server, kube } = await connect(oneByOne(OK));
    await kube.patch(paths.node("n1"), type, [{ op: "test" }]);
    expect(server.asked[0]).toMatchObject({
      method: "PATCH",
      body: [{ op: "test" }],
      headers: { "content-type": contentType },
    });
  });

  it("tells the server's reason when it is refused", async () => {
    const { server, kube } = await connect(oneByOne(status(409, "Conflict", "the object has been modified")));
    await expect(kube.patch(paths.node("n1"), "merge", {})).rejects.toMatchObject({
      name: "KubeError",
      status: 409,
      reason: "Conflict",
      message: "PATCH /api/v1/nodes/n1: the object has been modified",
    });
    expect(server.asked).toHaveLength(1);
  });

  it("waits as long as it is asked to when it is throttled", async () => {
    const { server, kube } = await connect(oneByOne({ status: 429, headers: { "retry-after": "0" } }, OK));
    expect(await kube.create(paths.nodes(), NODE)).toEqual(NODE);
    expect(server.asked).toHaveLength(2);
  });

  it("leaves it to the caller when a budget forbids an eviction", async () => {
    const { server, kube } = await connect(oneByOne({ status: 429, headers: { "retry-after": "10" } }));
    const refused = kube.create(paths.eviction("default", "p"), {});
    await expect(refused).rejects.toMatchObject({ status: 429, retryAfterMs: 10_000 });
    expect(server.asked).toHaveLength(1);
  });
});

describe("a call that failed on the server's side", () => {
  const calls = [
    ["get", true],
    ["merge patch", true],
    ["strategic patch", true],
    ["delete", true],
    ["json patch", false],
    ["create", false],
  ] as const;

  it.each(calls)("%s: repeated %s", async (name, repeated) => {
    for (const failure of [{ status: 503 }, "hang up"] as const) {
      const { server, kube } = await connect(oneByOne(failure, OK));
      const make = {
        get: () => kube.get(paths.node("n1")),
        "merge patch": () => kube.patch(paths.node("n1"), "merge", {}),
        "strategic patch": () => kube.patch(paths.node("n1"), "strategic", {}),
        "json patch": () => kube.patch(paths.node("n1"), "json", []),
        delete: () => kube.delete(paths.node("n1")),
        create: () => kube.create(paths.nodes(), NODE),
      }[name];
      const outcome = await make().then(
        () => true,
        () => false,
      );
      expect(outcome).toBe(repeated);
      expect(server.asked).toHaveLength(repeated ? 2 : 1);
    }
  });

  it("is given up in the end", async () => {
    const { server, kube, unusable } = await connect(oneByOne({ status: 500 }));
    await expect(kube.get(paths.node("n1"))).rejects.toMatchObject({ status: 500 });
    expect(server.asked).toHaveLength(3);
    expect(unusable).toEqual([]);
  });
});

describe("a connection", () => {
  it("that was closed while it was idle costs nothing, whatever the call", async () => {
    const { server, kube } = await connect(oneByOne(OK));
    await kube.get(paths.node("n1"));
    server.resetConnections();
    // Before this side has heard of it, as after a function was frozen.
    expect(await kube.create(paths.nodes(), NODE)).toEqual(NODE);
    expect(server.asked).toHaveLength(2);
  });

  it("that gives no answer is given up, and reported as of no use", async () => {
    const { kube, unusable } = await connect(oneByOne("hang on"), { timeoutMs: 50 });
    const cause = expect.objectContaining({ message: "the API server did not answer within 50 ms" });
    await expect(kube.create(paths.nodes(), NODE)).rejects.toMatchObject({ cause });
    expect(unusable).toHaveLength(1);
  });

  it("that nobody listens to is reported as of no use", async () => {
    const { kube, unusable } = await connect(oneByOne(OK), { endpoint: "https://127.0.0.1:1" });
    await expect(kube.get(paths.node("n1"))).rejects.toThrow("GET /api/v1/nodes/n1");
    expect(unusable).toHaveLength(1);
  });

  it("whose caller the server does not know is reported as of no use", async () => {
    const { kube, unusable } = await connect(oneByOne(status(401, "Unauthorized", "Unauthorized")));
    await expect(kube.get(paths.node("n1"))).rejects.toMatchObject({ status: 401 });
    expect(unusable).toHaveLength(1);
  });
});
