/** Verifies EKS tokens as the cluster's authenticator does (kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go). */
import type { Clock } from "../../clock.ts";
import type { AccessKey, Credentials } from "../gateway/credentials.ts";
import { isSignedBy, parseTimestamp, readClaim } from "../gateway/sigv4.ts";
import { roleArn } from "../iam/policy/roles.ts";
import type { AccessEntries } from "./access-entries.ts";

export interface TokenAuthenticatorOptions {
  readonly clock: Pick<Clock, "now">;
  readonly credentials: Credentials;
  readonly accessEntries: AccessEntries;
  readonly clusterName: string;
  /** The gateway's URL, which the AWS CLI signs for when `AWS_ENDPOINT_URL` is set. */
  readonly endpointUrl?: string;
}

export interface KubernetesUser {
  readonly user: string;
  readonly groups: readonly string[];
}

const PREFIX = "k8s-aws-v1.";
const CLUSTER_HEADER = "x-k8s-aws-id";
const LIFETIME_MS = 15 * 60_000;
const STS_HOST = /^sts(\.[a-z0-9-]+)?\.amazonaws\.com(\.cn)?$/;
const ALLOWED_PARAMETERS = new Set([
  "action",
  "version",
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-security-token",
  "x-amz-signature",
  "x-amz-signedheaders",
  "x-amz-content-sha256",
  "x-amz-user-agent",
]);

const decodeUrl = (token: string): URL | undefined => {
  const text = Buffer.from(token.slice(PREFIX.length), "base64url").toString();
  return URL.canParse(text) ? new URL(text) : undefined;
};

const isStsUrl = (url: URL, endpointUrl: string | undefined) =>
  url.origin === endpointUrl || (url.protocol === "https:" && STS_HOST.test(url.hostname));

const isGetCallerIdentity = (url: URL) =>
  url.pathname === "/" &&
  url.searchParams.get("Action") === "GetCallerIdentity" &&
  [...url.searchParams.keys()].every((name) => ALLOWED_PARAMETERS.has(name.toLowerCase())) &&
  Number(url.searchParams.get("X-Amz-Expires")) <= LIFETIME_MS / 1000;

/** Returns the user that a token identifies; undefined unless the token is valid and its principal has an access entry. */
export const createTokenAuthenticator = (options: TokenAuthenticatorOptions) => {
  const { clock, credentials, accessEntries, clusterName, endpointUrl } = options;

  const verify = (token: string): AccessKey | undefined => {
    const url = token.startsWith(PREFIX) ? decodeUrl(token) : undefined;
    if (!url || !isStsUrl(url, endpointUrl) || !isGetCallerIdentity(url)) return undefined;
    const request = {
      method: "GET",
      url: url.pathname + url.search,
      headers: { host: url.host, [CLUSTER_HEADER]: clusterName },
      body: Buffer.alloc(0),
    };
    const claim = readClaim(request);
    const key = claim && credentials.find(claim.keyId);
    if (!key || key.sessionToken !== claim.sessionToken) return undefined;
    if (!claim.signedHeaders.includes(CLUSTER_HEADER) || !claim.signedHeaders.includes("host")) return undefined;
    const ageMs = clock.now() - parseTimestamp(claim.timestamp);
    // The root user's tools sign with real time, which virtual time outruns.
    if (key.principal.roleName !== undefined && !(Math.abs(ageMs) <= LIFETIME_MS)) return undefined;
    return isSignedBy(request, claim, key.secret) ? key : undefined;
  };

  return async (token: string): Promise<KubernetesUser | undefined> => {
    const key = verify(token);
    if (!key) return undefined;
    credentials.called({ key, name: "kubernetes" });
    const { arn, roleName, account } = key.principal;
    // The principal that creates a cluster is its administrator.
    if (roleName === undefined) return { user: arn, groups: ["system:masters", "system:authenticated"] };
    const entry = accessEntries.find(clusterName, roleArn(roleName, account));
    return entry && { user: entry.username ?? arn, groups: [...entry.kubernetesGroups, "system:authenticated"] };
  };
};
