import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CloudRequest, CloudService } from "../../../../local/aws/gateway/service.ts";
import { aCloud, type Cloud, ROOT_KEYS } from "./a-cloud.ts";
import { signedFetch } from "./signed-fetch.ts";

/** 2030, so that no test depends on the real time. */
const START = Date.UTC(2030, 0, 2, 3, 4, 5);

describe("gateway", () => {
  let cloud: Cloud;
  let received: CloudRequest[] = [];
  const service = (signingName: string): CloudService => ({
    signingName,
    handle: async (request) => {
      received.push(request);
      return { status: 200, headers: { "content-type": "application/json" }, body: '{"TableNames":[]}' };
    },
  });

  beforeEach(async () => {
    received = [];
    cloud = await aCloud([service("dynamodb"), service("ec2"), service("eks")], START);
  });
  afterEach(() => cloud.stop());

  const at = (time: number) => new Date(time);

  it("accepts an SDK's signature and passes the request to the service in its credential scope", async () => {
    await cloud.dynamodb().send(new ListTablesCommand({}));
    expect(received[0]?.principal.arn).toBe("arn:aws:iam::123456789012:root");
    expect(received[0]?.headers["x-amz-target"]).toBe("DynamoDB_20120810.ListTables");
  });

  it("responds with the clock's time and a request id", async () => {
    const response = await signedFetch(cloud.gateway.url, {
      service: "eks",
      path: "/clusters/my-cluster",
      keys: ROOT_KEYS,
    });
    expect(Date.parse(response.headers.get("date") ?? "")).toBe(START);
    expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("accepts paths and queries that need escaping", async () => {
    const path = "/clusters/a%20b%2Fc?x=1%2B1&a=%7E*";
    const response = await signedFetch(cloud.gateway.url, { service: "eks", path, keys: ROOT_KEYS });
    expect(response.status).toBe(200);
    expect(received[0]?.query.get("x")).toBe("1+1");
  });

  it("rejects an unknown key, a wrong secret and a missing session token with the JSON protocol's codes", async () => {
    const keys = cloud.roleKeys("reader");
    const send = (credentials: typeof keys) => cloud.dynamodb(credentials).send(new ListTablesCommand({}));
    await expect(send({ ...keys, accessKeyId: "AKIANOBODY" })).rejects.toThrow(
      expect.objectContaining({ name: "UnrecognizedClientException" }),
    );
    await expect(send({ ...keys, sessionToken: undefined })).rejects.toThrow(
      expect.objectContaining({ name: "UnrecognizedClientException" }),
    );
    await expect(send({ ...keys, secretAccessKey: "guess" })).rejects.toThrow(
      expect.objectContaining({ name: "InvalidSignatureException" }),
    );
    expect(received).toHaveLength(0);
  });

  it("rejects a body that differs from the signed one", async () => {
    const body = "Action=DescribeInstances";
    const options = { service: "ec2", path: "/", keys: ROOT_KEYS, body, form: true };
    const response = await signedFetch(cloud.gateway.url, { ...options, tamper: "Action=TerminateInstances" });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain("<Code>AuthFailure</Code>");
  });

  it("rejects a role's request signed 20 minutes ago, but accepts one from the root user", async () => {
    const options = { service: "eks", path: "/clusters", at: at(START - 20 * 60_000) };
    const old = await signedFetch(cloud.gateway.url, { ...options, keys: cloud.roleKeys("reader") });
    expect([old.status, old.headers.get("x-amzn-errortype")]).toEqual([403, "RequestExpired"]);
    expect((await signedFetch(cloud.gateway.url, { ...options, keys: ROOT_KEYS })).status).toBe(200);
  });

  it("rejects an unsigned request and a request for an unknown service", async () => {
    expect((await fetch(cloud.gateway.url)).status).toBe(403);
    const response = await signedFetch(cloud.gateway.url, { service: "s3", path: "/", keys: ROOT_KEYS });
    expect(await response.text()).toContain("no service s3");
  });

  it("sends no response if the caller's session ends while its request is handled", async () => {
    const keys = cloud.roleKeys("reader");
    cloud.credentials.onCall(({ key, name }) => {
      if (name === "dynamodb:ListTables") cloud.credentials.revoke(key.keyId);
    });
    const options = { service: "dynamodb", path: "/", body: "Action=ListTables", form: true, at: at(START) };
    await expect(signedFetch(cloud.gateway.url, { ...options, keys })).rejects.toThrow("fetch failed");
    expect(received).toHaveLength(1);
  });
});
