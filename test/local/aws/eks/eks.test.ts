import { Sha256 } from "@aws-crypto/sha256-js";
import { DescribeClusterCommand } from "@aws-sdk/client-eks";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAccessEntries } from "../../../../local/aws/eks/access-entries.ts";
import { createEks, type Eks } from "../../../../local/aws/eks/eks.ts";
import { createTokenAuthenticator } from "../../../../local/aws/eks/token-authenticator.ts";
import { createSts } from "../../../../local/aws/sts/sts.ts";
import { aCloud, type Cloud, type Keys, ROOT_KEYS } from "../gateway/a-cloud.ts";
import { signedFetch } from "../gateway/signed-fetch.ts";

const ENTRY = {
  clusterName: "my-cluster",
  principalArn: "arn:aws:iam::123456789012:role/pool",
  username: undefined,
};

const CLUSTER = {
  name: "my-cluster",
  endpoint: "https://127.0.0.1:6443",
  caPem: "-----BEGIN CERTIFICATE-----",
  version: "1.36",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1"],
  securityGroupIds: [],
};

/** Creates a token as `aws eks get-token` does. */
const eksToken = async (
  keys: Keys,
  { cluster = "my-cluster", at = new Date(), expiresIn = 60, origin = "https://sts.us-east-1.amazonaws.com" } = {},
) => {
  const hostname = new URL(origin).host;
  const signer = new SignatureV4({ service: "sts", region: "us-east-1", credentials: keys, sha256: Sha256 });
  const { query } = await signer.presign(
    {
      method: "GET",
      protocol: "https:",
      hostname,
      path: "/",
      query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      headers: { host: hostname, "x-k8s-aws-id": cluster },
    },
    { expiresIn, signingDate: at, unhoistableHeaders: new Set(["x-k8s-aws-id"]) },
  );
  const url = `${origin}/?${new URLSearchParams(query as Record<string, string>)}`;
  return `k8s-aws-v1.${Buffer.from(url).toString("base64url")}`;
};

describe("EKS", () => {
  let cloud: Cloud;
  let eks: Eks;
  beforeEach(async () => {
    eks = createEks(() => [CLUSTER]);
    cloud = await aCloud([eks.service, createSts()]);
  });
  afterEach(() => cloud.stop());

  it("describes the cluster to a role that has permission", async () => {
    const Resource = "arn:aws:eks:us-east-1:123456789012:cluster/my-cluster";
    const keys = cloud.roleKeys("pool", { Effect: "Allow", Action: "eks:DescribeCluster", Resource });
    const { cluster } = await cloud.eks(keys).send(new DescribeClusterCommand({ name: "my-cluster" }));
    expect(cluster).toMatchObject({ arn: Resource, endpoint: CLUSTER.endpoint, status: "ACTIVE", version: "1.36" });
    expect(Buffer.from(cluster?.certificateAuthority?.data ?? "", "base64").toString()).toBe(CLUSTER.caPem);
    await expect(cloud.eks(keys).send(new DescribeClusterCommand({ name: "other" }))).rejects.toThrow(
      expect.objectContaining({ name: "AccessDeniedException" }),
    );
  });

  it("says that the cluster is being updated, and still describes it", async () => {
    eks.setStatus("my-cluster", "UPDATING");
    const { cluster } = await cloud.eks().send(new DescribeClusterCommand({ name: "my-cluster" }));
    expect(cluster).toMatchObject({ status: "UPDATING", endpoint: CLUSTER.endpoint });
  });

  it("does not find any other cluster", async () => {
    await expect(cloud.eks().send(new DescribeClusterCommand({ name: "other" }))).rejects.toThrow(
      expect.objectContaining({ name: "ResourceNotFoundException" }),
    );
  });

  it("returns the caller's identity", async () => {
    const keys = cloud.roleKeys("pool");
    const body = "Action=GetCallerIdentity&Version=2011-06-15";
    const response = await signedFetch(cloud.gateway.url, { service: "sts", path: "/", keys, body, form: true });
    expect(await response.text()).toContain("<Arn>arn:aws:sts::123456789012:assumed-role/pool/session</Arn>");
  });
});

describe("EKS tokens", () => {
  const NOW = Date.UTC(2031, 5, 1);
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await aCloud([], NOW);
  });
  afterEach(() => cloud.stop());

  const anAuthenticator = () => {
    const accessEntries = createAccessEntries();
    accessEntries.create({
      clusterName: "my-cluster",
      principalArn: "arn:aws:iam::123456789012:role/pool",
      kubernetesGroups: ["stratos-functions"],
      username: undefined,
    });
    const { clock, credentials } = cloud;
    const endpointUrl = cloud.gateway.url;
    return createTokenAuthenticator({ clock, credentials, accessEntries, clusterName: "my-cluster", endpointUrl });
  };

  it("give a role its access entry's groups", async () => {
    const token = await eksToken(cloud.roleKeys("pool"), { at: new Date(NOW) });
    await expect(anAuthenticator()(token)).resolves.toEqual({
      user: "arn:aws:sts::123456789012:assumed-role/pool/session",
      groups: ["stratos-functions", "system:authenticated"],
    });
  });

  it("are valid after 14 minutes and not after 16", async () => {
    const keys = cloud.roleKeys("pool");
    const minutesAgo = (minutes: number) => eksToken(keys, { at: new Date(NOW - minutes * 60_000) });
    await expect(anAuthenticator()(await minutesAgo(14))).resolves.toBeDefined();
    await expect(anAuthenticator()(await minutesAgo(16))).resolves.toBeUndefined();
  });

  it("are rejected for a role without an access entry, another cluster, a wrong secret, too long a lifetime or malformed text", async () => {
    const authenticate = anAuthenticator();
    const at = new Date(NOW);
    const keys = cloud.roleKeys("pool");
    const tokens = [
      await eksToken(cloud.roleKeys("stranger"), { at }),
      await eksToken(keys, { at, cluster: "other" }),
      await eksToken({ ...keys, secretAccessKey: "guess" }, { at }),
      await eksToken(keys, { at, expiresIn: 3600 }),
      `k8s-aws-v1.${Buffer.from("https://evil.example/?Action=GetCallerIdentity").toString("base64url")}`,
      "k8s-aws-v1.%%%",
      "other",
    ];
    for (const token of tokens) await expect(authenticate(token)).resolves.toBeUndefined();
  });

  it("make the root user the cluster's administrator, whenever they were signed", async () => {
    const token = await eksToken(ROOT_KEYS, { at: new Date(NOW - 86_400_000) });
    await expect(anAuthenticator()(token)).resolves.toMatchObject({
      groups: expect.arrayContaining(["system:masters"]),
    });
  });

  it("may be signed for the gateway's URL, as the AWS CLI does when AWS_ENDPOINT_URL is set", async () => {
    const token = await eksToken(ROOT_KEYS, { origin: cloud.gateway.url });
    await expect(anAuthenticator()(token)).resolves.toBeDefined();
    const elsewhere = await eksToken(ROOT_KEYS, { origin: "https://sts.example.com" });
    await expect(anAuthenticator()(elsewhere)).resolves.toBeUndefined();
  });

  it("are rejected until their access entry takes effect", async () => {
    let now = NOW;
    const accessEntries = createAccessEntries({ now: () => now, delayMs: 5000 });
    accessEntries.create({ ...ENTRY, kubernetesGroups: ["stratos-functions"] });
    const authenticate = createTokenAuthenticator({
      clock: { now: () => now },
      credentials: cloud.credentials,
      accessEntries,
      clusterName: "my-cluster",
    });
    const token = await eksToken(cloud.roleKeys("pool"), { at: new Date(NOW) });
    expect(await authenticate(token)).toBeUndefined();
    now += 5000;
    expect(await authenticate(token)).toMatchObject({ groups: ["stratos-functions", "system:authenticated"] });
  });

  it("let instances join as nodes only with a role whose entry is of the type for nodes", () => {
    const entries = createAccessEntries({ now: () => NOW, delayMs: 0 });
    const entry = { clusterName: "c", kubernetesGroups: [], username: undefined };
    entries.create({ ...entry, principalArn: "nodes", type: "EC2_LINUX" });
    entries.create({ ...entry, principalArn: "people", type: "STANDARD" });
    const principals = ["nodes", "people", "strangers"];
    expect(principals.filter((arn) => entries.admitsNodes("c", arn))).toEqual(["nodes"]);
    expect(entries.admitsNodes("d", "nodes")).toBe(false);
  });

  it("cannot grant groups reserved by Kubernetes", () => {
    const entry = { clusterName: "c", principalArn: "a", kubernetesGroups: ["system:masters"], username: undefined };
    expect(() => createAccessEntries().create(entry)).toThrow("reserved prefix");
  });
});
