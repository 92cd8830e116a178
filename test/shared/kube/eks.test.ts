import type { EKSClient } from "@aws-sdk/client-eks";
import { afterEach, describe, expect, it } from "vitest";
import { createEks } from "../../../local/aws/eks/eks.ts";
import { createClusters } from "../../../shared/kube/eks.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { aCloud, type Cloud } from "../../local/aws/gateway/a-cloud.ts";
import { startServer, type TestServer } from "./server.ts";

let cloud: Cloud | undefined;
let eks: EKSClient | undefined;

afterEach(async () => {
  eks?.destroy();
  await cloud?.stop();
});

/** EKS, which says that the cluster is where `at` says it is; undefined takes EKS away. */
const anEks = async (at: { server: TestServer | undefined }) => {
  const describeCluster = () => {
    if (!at.server) throw new Error("EKS is away");
    const { endpoint, ca: caPem } = at.server;
    const network = { version: "1.36", vpcId: "vpc-1", subnetIds: ["subnet-1"], securityGroupIds: [] };
    return [{ name: "my-cluster", endpoint, caPem, ...network }];
  };
  cloud = await aCloud([createEks(describeCluster)]);
  eks = cloud.eks();
  return createClusters(eks, "us-east-1", ["my-cluster"]);
};

const answering = (name: string) => startServer(() => ({ status: 200, body: { name } }));
const ask = async (kube: Awaited<ReturnType<typeof anEks>>) =>
  (await kube.client("my-cluster")).get<{ name: string }>(paths.node("n1"));

describe("a cluster", () => {
  it("is found through EKS, once", async () => {
    const at: { server: TestServer | undefined } = { server: await answering("first") };
    const clusters = await anEks(at);
    expect(await ask(clusters)).toEqual({ name: "first" });
    at.server = undefined;
    expect(await ask(clusters)).toEqual({ name: "first" });
  });

  it("that cannot be reached is looked for anew the next time", async () => {
    const gone = await answering("gone");
    const at = { server: { ...gone, endpoint: "https://127.0.0.1:1" } };
    const clusters = await anEks(at);
    await expect(ask(clusters)).rejects.toThrow("GET /api/v1/nodes/n1");
    at.server = await answering("moved");
    expect(await ask(clusters)).toEqual({ name: "moved" });
  });

  it("that EKS did not tell of is asked for again", async () => {
    const at: { server: TestServer | undefined } = { server: undefined };
    const clusters = await anEks(at);
    await expect(clusters.client("my-cluster")).rejects.toThrow();
    at.server = await answering("now");
    expect(await ask(clusters)).toEqual({ name: "now" });
  });

  it("tells its nodes where it is, and where its services are", async () => {
    const server = await answering("first");
    const clusters = await anEks({ server });
    expect(await clusters.address("my-cluster")).toEqual({
      name: "my-cluster",
      region: "us-east-1",
      endpoint: server.endpoint,
      certificateAuthority: Buffer.from(server.ca).toString("base64"),
      serviceCidr: "172.20.0.0/16",
    });
  });

  it("that is not served is refused by name", async () => {
    const clusters = await anEks({ server: undefined });
    await expect(clusters.client("other")).rejects.toThrow('found "other", this deployment serves my-cluster');
  });
});
