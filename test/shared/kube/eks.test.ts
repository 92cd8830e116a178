import type { EKSClient } from "@aws-sdk/client-eks";
import { afterEach, describe, expect, it } from "vitest";
import { createEks, type Eks } from "../../../local/aws/eks/eks.ts";
import { createClusters } from "../../../shared/kube/eks.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { aCloud, type Cloud } from "../../local/aws/gateway/a-cloud.ts";
import { startServer, type TestServer } from "./server.ts";

let cloud: Cloud | undefined;
let eks: EKSClient | undefined;
let simulated: Eks | undefined;

afterEach(async () => {
  eks?.destroy();
  await cloud?.stop();
});

/** EKS with one cluster, whose endpoint is `current.server`; undefined makes EKS unavailable. */
const anEks = async (current: { server: TestServer | undefined }) => {
  const describeCluster = () => {
    if (!current.server) throw new Error("EKS is unavailable");
    const { endpoint, ca: caPem } = current.server;
    const network = { version: "1.36", vpcId: "vpc-1", subnetIds: ["subnet-1"], securityGroupIds: [] };
    return [{ name: "my-cluster", endpoint, caPem, ...network }];
  };
  simulated = createEks(describeCluster);
  cloud = await aCloud([simulated.service]);
  eks = cloud.eks();
  return createClusters(eks, "us-east-1", ["my-cluster"]);
};

const serverNamed = (name: string) => startServer(() => ({ status: 200, body: { name } }));
const getNode = async (clusters: Awaited<ReturnType<typeof anEks>>) =>
  (await clusters.client("my-cluster")).get<{ name: string }>(paths.node("n1"));

describe("a cluster", () => {
  it("is looked up in EKS once", async () => {
    const current: { server: TestServer | undefined } = { server: await serverNamed("first") };
    const clusters = await anEks(current);
    expect(await getNode(clusters)).toEqual({ name: "first" });
    current.server = undefined;
    expect(await getNode(clusters)).toEqual({ name: "first" });
  });

  it("that is unreachable is looked up again the next time", async () => {
    const gone = await serverNamed("gone");
    const current = { server: { ...gone, endpoint: "https://127.0.0.1:1" } };
    const clusters = await anEks(current);
    await expect(getNode(clusters)).rejects.toThrow("GET /api/v1/nodes/n1");
    current.server = await serverNamed("moved");
    expect(await getNode(clusters)).toEqual({ name: "moved" });
  });

  it("stays in use while EKS updates it", async () => {
    const clusters = await anEks({ server: await serverNamed("first") });
    simulated?.setStatus("my-cluster", "UPDATING");
    expect(await getNode(clusters)).toEqual({ name: "first" });
  });

  it("that is being created has no address yet, and is looked up again the next time", async () => {
    const clusters = await anEks({ server: await serverNamed("first") });
    simulated?.setStatus("my-cluster", "CREATING");
    await expect(clusters.client("my-cluster")).rejects.toThrow("its status is CREATING");
    simulated?.setStatus("my-cluster", "ACTIVE");
    expect(await getNode(clusters)).toEqual({ name: "first" });
  });

  it("is looked up again after EKS did not answer", async () => {
    const current: { server: TestServer | undefined } = { server: undefined };
    const clusters = await anEks(current);
    await expect(clusters.client("my-cluster")).rejects.toThrow();
    current.server = await serverNamed("now");
    expect(await getNode(clusters)).toEqual({ name: "now" });
  });

  it("has an address with its endpoint, certificate and service range", async () => {
    const server = await serverNamed("first");
    const clusters = await anEks({ server });
    expect(await clusters.address("my-cluster")).toEqual({
      name: "my-cluster",
      region: "us-east-1",
      endpoint: server.endpoint,
      certificateAuthority: Buffer.from(server.ca).toString("base64"),
      serviceCidr: "172.20.0.0/16",
    });
  });

  it("that the deployment does not serve is rejected by name", async () => {
    const clusters = await anEks({ server: undefined });
    await expect(clusters.client("other")).rejects.toThrow('found "other", this deployment serves my-cluster');
  });
});
