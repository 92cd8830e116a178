import type { AccessKey, Credentials } from "./credentials.ts";
import { CloudError } from "./service.ts";
import { isSignedBy, parseTimestamp, readClaim, type SignatureClaim, type SignedRequest } from "./sigv4.ts";

/** AWS rejects requests signed more than this before or after its own time. */
const MAX_SKEW_MS = 15 * 60_000;

/** Returns the key that signed the request. Throws `CloudError` with the codes of AWS's query protocol. `now` is in ms since the epoch. */
export const authenticate = (
  request: SignedRequest,
  credentials: Credentials,
  now: number,
): { key: AccessKey; claim: SignatureClaim } => {
  const claim = readClaim(request);
  if (!claim) throw new CloudError("MissingAuthenticationToken", "Request is missing Authentication Token", 403);
  const key = credentials.find(claim.keyId);
  if (!key || key.sessionToken !== claim.sessionToken)
    throw new CloudError("InvalidClientTokenId", "The security token included in the request is invalid.", 403);
  if (!isSignedBy(request, claim, key.secret))
    throw new CloudError(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
      403,
    );
  // A user's tools sign with real time, which virtual time outruns. Roles are used inside the simulation and must be on time.
  const skewMs = Math.abs(parseTimestamp(claim.timestamp) - now);
  if (key.principal.roleName !== undefined && !(skewMs <= MAX_SKEW_MS))
    throw new CloudError(
      "RequestExpired",
      `Signature expired: ${claim.timestamp} is too far from the current time`,
      403,
    );
  return { key, claim };
};
