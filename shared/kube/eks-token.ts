/**
 * Tokens that authenticate an IAM role to EKS: a presigned STS GetCallerIdentity request with the cluster's name in a signed header.
 * Created locally, without a call. Source: kubernetes-sigs/aws-iam-authenticator, pkg/token.
 */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

const PREFIX = "k8s-aws-v1.";
/** The X-Amz-Expires value that the authenticator accepts. */
const EXPIRES_S = 60;
/** The token is valid for 15 minutes from its signing time. */
const RENEW_AFTER_MS = 14 * 60_000;

/** China has a partition and a domain of its own (AWS General Reference, "AWS Security Token Service endpoints"). */
const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** `credentials` is an SDK client's credential provider, which refreshes them. */
export const createEksToken = (
  cluster: string,
  region: string,
  credentials: () => Promise<Credentials>,
): (() => Promise<string>) => {
  let cached: { readonly token: string; readonly signedAt: number } | undefined;
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: Sha256 });

  const sign = async (now: number): Promise<string> => {
    const hostname = stsHost(region);
    const { query = {} } = await signer.presign(
      {
        method: "GET",
        protocol: "https:",
        hostname,
        path: "/",
        headers: { host: hostname, "x-k8s-aws-id": cluster },
        query: { Action: "GetCallerIdentity", Version: "2011-06-15" },
      },
      {
        expiresIn: EXPIRES_S,
        signingDate: new Date(now),
        // The authenticator checks this header only if it is signed, not as a query parameter.
        unhoistableHeaders: new Set(["x-k8s-aws-id"]),
      },
    );
    const url = `https://${hostname}/?${new URLSearchParams(query as Record<string, string>)}`;
    return PREFIX + Buffer.from(url).toString("base64url");
  };

  return async () => {
    const now = Date.now();
    if (!cached || now - cached.signedAt >= RENEW_AFTER_MS) cached = { token: await sign(now), signedAt: now };
    return cached.token;
  };
};
