import { describe, expect, it } from "vitest";
import { createAccessEntries } from "../../../local/aws/eks/access-entries.ts";
import { createTokenAuthenticator } from "../../../local/aws/eks/token-authenticator.ts";
import { createCredentials } from "../../../local/aws/gateway/credentials.ts";
import { createClock } from "../../../local/clock.ts";
import { createEksToken } from "../../../shared/kube/eks-token.ts";

const SESSION = { accessKeyId: "ASIAEXAMPLE", secretAccessKey: "secret", sessionToken: "session+/=" };

const decoded = (token: string): URL => new URL(Buffer.from(token.slice("k8s-aws-v1.".length), "base64url").toString());

describe("an EKS token", () => {
  it("has the format of `aws eks get-token`: a presigned STS request with the cluster's name in a signed header", async () => {
    const token = await createEksToken("my-cluster", "eu-west-1", async () => SESSION)();
    expect(token).toMatch(/^k8s-aws-v1\.[A-Za-z0-9_-]+$/);
    const url = decoded(token);
    expect(`${url.origin}${url.pathname}`).toBe("https://sts.eu-west-1.amazonaws.com/");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: "GetCallerIdentity",
      Version: "2011-06-15",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": expect.stringMatching(/^ASIAEXAMPLE\/\d{8}\/eu-west-1\/sts\/aws4_request$/),
      "X-Amz-Date": expect.stringMatching(/^\d{8}T\d{6}Z$/),
      "X-Amz-Expires": "60",
      "X-Amz-Security-Token": "session+/=",
      "X-Amz-SignedHeaders": "host;x-k8s-aws-id",
      "X-Amz-Signature": expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("is for the partition's own STS", async () => {
    const originOf = async (region: string) => decoded(await createEksToken("c", region, async () => SESSION)()).origin;
    expect(await originOf("cn-north-1")).toBe("https://sts.cn-north-1.amazonaws.com.cn");
    expect(await originOf("us-gov-west-1")).toBe("https://sts.us-gov-west-1.amazonaws.com");
  });

  it("is cached while it is valid, without new calls for credentials", async () => {
    let calls = 0;
    const token = createEksToken("my-cluster", "us-east-1", async () => {
      calls += 1;
      return SESSION;
    });
    expect(await token()).toBe(await token());
    expect(calls).toBe(1);
  });

  it("is renewed before the credentials that signed it expire", async () => {
    let calls = 0;
    const token = createEksToken("my-cluster", "us-east-1", async () => {
      calls += 1;
      const leftMs = calls === 1 ? 30_000 : 60 * 60_000;
      return { ...SESSION, accessKeyId: `ASIA${calls}`, expiration: new Date(Date.now() + leftMs) };
    });
    const first = await token();
    const second = await token();
    expect(second).not.toBe(first);
    expect(await token()).toBe(second);
  });

  it("authenticates a role to its own cluster and to no other", async () => {
    const clock = createClock(1);
    const credentials = createCredentials();
    const accessEntries = createAccessEntries();
    const { keyId, secret, sessionToken, principal } = credentials.assumeRole("stratos-pool", "session");
    accessEntries.create({
      clusterName: "my-cluster",
      principalArn: `arn:aws:iam::123456789012:role/${principal.roleName}`,
      kubernetesGroups: ["stratos-functions"],
      username: undefined,
    });
    const authenticate = createTokenAuthenticator({ clock, credentials, accessEntries, clusterName: "my-cluster" });
    const keys = async () => ({ accessKeyId: keyId, secretAccessKey: secret, sessionToken });
    const own = await createEksToken("my-cluster", "us-east-1", keys)();
    const other = await createEksToken("other", "us-east-1", keys)();
    expect(await authenticate(own)).toMatchObject({ groups: expect.arrayContaining(["stratos-functions"]) });
    expect(await authenticate(other)).toBeUndefined();
    clock.stop();
  });
});
