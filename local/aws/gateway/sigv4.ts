/**
 * Signature Version 4 as AWS checks it (docs: "Create a signed AWS API request"): the canonical request, the string to
 * sign, and the signature made with a secret. Works for every service except S3, which does not encode paths twice.
 */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";

export interface SignedRequest {
  readonly method: string;
  /** Path and query exactly as in the request line. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The signature that a request carries, in its Authorization header or, if presigned, in its query. */
export interface SignatureClaim {
  readonly keyId: string;
  readonly region: string;
  /** The service's name in the credential scope. */
  readonly signingName: string;
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20260102T030405Z`. */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  readonly presigned: boolean;
}

const ALGORITHM = "AWS4-HMAC-SHA256";

const sha256 = (value: string | Buffer) => createHash("sha256").update(value).digest("hex");
const hmac = (key: string | Buffer | KeyObject, value: string) => createHmac("sha256", key).update(value).digest();

const MOST_SIGNING_KEYS = 1000;
const signingKeys = new Map<string, KeyObject>();

/** The key of a secret and scope, kept: deriving it costs more than all the rest of a check. */
const signingKey = (secret: string, scope: string): KeyObject => {
  const id = `${secret} ${scope}`;
  const known = signingKeys.get(id);
  if (known) return known;
  const [date = "", region = "", service = ""] = scope.split("/");
  const key = createSecretKey(hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), "aws4_request"));
  if (signingKeys.size >= MOST_SIGNING_KEYS) signingKeys.clear();
  signingKeys.set(id, key);
  return key;
};

/** RFC 3986: encodeURIComponent leaves five characters unescaped that AWS escapes. */
const encode = (value: string) =>
  encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** Returns a badly encoded value unchanged: its signature will not match. */
const decode = (value: string) => {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
};

const splitUrl = (url: string): { path: string; query: [string, string][] } => {
  const [path = "/", search = ""] = url.split(/\?(.*)/s);
  const query = search
    .split("&")
    .filter((part) => part !== "")
    .map((part): [string, string] => {
      const [name = "", value = ""] = part.split(/=(.*)/s);
      return [decode(name), decode(value)];
    });
  return { path, query };
};

const parseCredential = (credential: string) => {
  const [keyId, date, region, signingName, terminator] = credential.split("/");
  if (!keyId || !date || !region || !signingName || terminator !== "aws4_request") return undefined;
  return { keyId, region, signingName, scope: `${date}/${region}/${signingName}/aws4_request` };
};

const headerClaim = (headers: Readonly<Record<string, string>>): SignatureClaim | undefined => {
  const [algorithm, ...rest] = (headers.authorization ?? "").split(" ");
  if (algorithm !== ALGORITHM) return undefined;
  const fields = new Map(
    rest
      .join("")
      .split(",")
      .map((field) => field.split(/=(.*)/s) as [string, string]),
  );
  const credential = parseCredential(fields.get("Credential") ?? "");
  const signature = fields.get("Signature");
  const signedHeaders = fields.get("SignedHeaders");
  if (!credential || !signature || !signedHeaders) return undefined;
  return {
    ...credential,
    signature,
    signedHeaders: signedHeaders.split(";"),
    timestamp: headers["x-amz-date"] ?? "",
    sessionToken: headers["x-amz-security-token"],
    presigned: false,
  };
};

const queryClaim = (url: string): SignatureClaim | undefined => {
  const query = new Map(splitUrl(url).query);
  if (query.get("X-Amz-Algorithm") !== ALGORITHM) return undefined;
  const credential = parseCredential(query.get("X-Amz-Credential") ?? "");
  if (!credential) return undefined;
  return {
    ...credential,
    signature: query.get("X-Amz-Signature") ?? "",
    signedHeaders: (query.get("X-Amz-SignedHeaders") ?? "").split(";"),
    timestamp: query.get("X-Amz-Date") ?? "",
    sessionToken: query.get("X-Amz-Security-Token"),
    presigned: true,
  };
};

/** Returns the signature that the request carries; undefined if it has none or it cannot be parsed. */
export const readClaim = (request: SignedRequest): SignatureClaim | undefined =>
  headerClaim(request.headers) ?? queryClaim(request.url);

const canonicalRequest = (request: SignedRequest, claim: SignatureClaim): string => {
  const { path, query } = splitUrl(request.url);
  const canonicalQuery = query
    .filter(([name]) => !(claim.presigned && name === "X-Amz-Signature"))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const headers = claim.signedHeaders.map(
    (name) => `${name}:${(request.headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`,
  );
  const payloadHash = request.headers["x-amz-content-sha256"] ?? sha256(request.body);
  return [
    request.method,
    path.split("/").map(encode).join("/"),
    canonicalQuery,
    headers.join(""),
    claim.signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
};

/** True if the claimed signature was made with `secret` over exactly this request, including its body. */
export const isSignedBy = (request: SignedRequest, claim: SignatureClaim, secret: string): boolean => {
  const declaredHash = request.headers["x-amz-content-sha256"];
  const bodyIsSigned = declaredHash === undefined || declaredHash === "UNSIGNED-PAYLOAD";
  if (!bodyIsSigned && declaredHash !== sha256(request.body)) return false;
  const stringToSign = [ALGORITHM, claim.timestamp, claim.scope, sha256(canonicalRequest(request, claim))].join("\n");
  const expected = Buffer.from(hmac(signingKey(secret, claim.scope), stringToSign).toString("hex"));
  const claimed = Buffer.from(claim.signature);
  return expected.length === claimed.length && timingSafeEqual(expected, claimed);
};

/** Parses `20260102T030405Z` to milliseconds since the epoch; NaN if the format differs. */
export const parseTimestamp = (timestamp: string): number =>
  Date.parse(timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
