import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type BaseCloud, startBaseCloud } from "../../../local/aws/cloudformation/base-cloud.ts";
import { assumedRole } from "../../../shared/aws/assume-role.ts";
import { callerAt } from "../../../shared/aws/clients.ts";
import { LAMBDA_TRUST } from "../../local/aws/gateway/a-cloud.ts";

const ELSEWHERE = { account: "222222222222", region: "eu-west-1" };
const ROLE = "arn:aws:iam::222222222222:role/stratos-pool-us-east-1-in-eu-west-1";
const HOME_ACCOUNT = "123456789012";

const trustOf = (caller: string) => ({
  Statement: {
    Effect: "Allow",
    Action: "sts:AssumeRole",
    Principal: { AWS: `arn:aws:iam::${HOME_ACCOUNT}:root` },
    Condition: { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::${HOME_ACCOUNT}:role/${caller}` } },
  },
});

describe("a role of another account", () => {
  let cloud: BaseCloud;
  beforeEach(async () => {
    cloud = await startBaseCloud({ speed: 1, random: () => 0.5, elsewhere: ELSEWHERE, services: () => [] });
    cloud.elsewhere?.roles.create("stratos-pool-us-east-1-in-eu-west-1", trustOf("stratos-pool-us-east-1"));
  });
  afterEach(() => cloud.stop());

  /** A session of the role `name`, which may assume roles of the other account. */
  const session = (name: string, Resource = "arn:aws:iam::222222222222:role/*") => {
    cloud.services.roles.create(name, LAMBDA_TRUST);
    cloud.services.roles.attach(name, { Statement: { Effect: "Allow", Action: "sts:AssumeRole", Resource } });
    const { keyId, secret, sessionToken } = cloud.credentials.assumeRole(name, "session");
    return { accessKeyId: keyId, secretAccessKey: secret, sessionToken };
  };

  const assume = (keys: ReturnType<typeof session>, roleArn = ROLE) =>
    assumedRole({
      roleArn,
      sessionName: "stratos-pool",
      region: "us-east-1",
      endpoint: cloud.gateway.url,
      credentials: async () => keys,
    })();

  it("is assumed for an hour by the role that it trusts", async () => {
    const before = Date.now();
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await assume(session("stratos-pool-us-east-1"));
    expect(cloud.credentials.find(accessKeyId)).toMatchObject({
      secret: secretAccessKey,
      sessionToken,
      principal: { arn: ROLE.replace("iam", "sts").replace("role/", "assumed-role/").concat("/stratos-pool") },
    });
    expect(expiration?.getTime()).toBeGreaterThan(before + 59 * 60_000);
  });

  it("is refused to others, in STS's words", async () => {
    await expect(assume(session("stratos-demand-us-east-1"))).rejects.toThrow(
      `assuming ${ROLE}: AccessDenied User: arn:aws:sts::${HOME_ACCOUNT}:assumed-role/stratos-demand-us-east-1/session is not authorized`,
    );
  });

  it("is refused to a role whose own account does not let it, and if there is no such role", async () => {
    const own = session("stratos-pool-us-east-1", "arn:aws:iam::222222222222:role/another");
    await expect(assume(own)).rejects.toThrow("AccessDenied");
    await expect(assume(own, "arn:aws:iam::222222222222:role/another")).rejects.toThrow("AccessDenied");
  });

  it("is the caller at a site elsewhere, in its region; beside the functions they call as themselves", async () => {
    const { accessKeyId, secretAccessKey, sessionToken = "" } = session("stratos-pool-us-east-1");
    const environment = {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
      AWS_ENDPOINT_URL: cloud.gateway.url,
    };
    const { region, credentials } = callerAt({ ...ELSEWHERE, clusters: ["c"] }, "pool", environment);
    expect(region).toBe("eu-west-1");
    const assumed = await credentials?.();
    expect(cloud.credentials.find(assumed?.accessKeyId ?? "")?.principal.account).toBe("222222222222");
    expect(callerAt({ region: "us-east-1", clusters: ["a"] }, "pool", environment)).toEqual({});
  });

  it("is named when STS cannot be reached", async () => {
    const nowhere = { roleArn: ROLE, sessionName: "s", region: "us-east-1", endpoint: "http://127.0.0.1:1" };
    const keys = async () => ({ accessKeyId: "a", secretAccessKey: "b" });
    await expect(assumedRole({ ...nowhere, credentials: keys })()).rejects.toThrow(
      `assuming ${ROLE}: connect ECONNREFUSED`,
    );
  });
});
