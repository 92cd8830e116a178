/**
 * Tokens that authenticate an IAM role to EKS: a presigned STS GetCallerIdentity request with the cluster's name in a signed header.
 * Created locally, without a call. Source: kubernetes-sigs/aws-iam-authenticator, pkg/token.
 */
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

const PREFIX = "k8s-aws-v1.";
/** The X-Amz-Expires value that the authenticator accepts. */
const EXPIRES_S = 60;
/** The token is valid for 15 minutes from its signing time, but not longer than the credentials that sign it. */
const RENEW_AFTER_MS = 14 * 60_000;
const MARGIN_MS = 60_000;

/** China has a partition and a domain of its own (AWS General Reference, "AWS Security Token Service endpoints"). */
const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** `credentials` is an SDK client's credential provider, which refreshes them. */
export const createEksToken = (
  cluster: string,
  region: string,
  credentials: () => Promise<Credentials>,
): (() => Promise<string>) => {
  let cached: { readonly token: string; readonly renewAt: number } | undefined;

  const sign = async (now: number) => {
    const keys = await credentials();
    const signer = new SignatureV4({ service: "sts", region, credentials: keys, sha256: Sha256 });
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
    const expiresAt = keys.expiration?.getTime() ?? Number.POSITIVE_INFINITY;
    return {
      token: PREFIX + Buffer.from(url).toString("base64url"),
      renewAt: Math.min(now + RENEW_AFTER_MS, expiresAt - MARGIN_MS),
    };
  };

  return async () => {
    const now = Date.now();
    if (!cached || now >= cached.renewAt) cached = await sign(now);
    return cached.token;
  };
};
