import { serviceAccountUser } from "../access/identity.ts";
import { timestamp } from "../create-store.ts";
import { isObject } from "../json-value.ts";
import { readBody } from "../requests/body.ts";
import type { Answer, ResourceRequest } from "../requests/context.ts";
import { getTarget } from "../requests/read.ts";

/** The reported token lifetime. The token is actually valid for as long as the server runs. */
const LIFETIME_MS = 3_600_000;

/** Issues a token for a service account (authentication.k8s.io/v1 TokenRequest, used by `kubectl create token`). */
export const answerToken = (request: ResourceRequest): Answer => {
  const { metadata } = getTarget(request);
  const body = readBody(request);
  const token = request.cluster.issueToken(serviceAccountUser(metadata.namespace ?? "", metadata.name), []);
  const expirationTimestamp = timestamp(request.cluster.clock.now() + LIFETIME_MS);
  return {
    status: 201,
    body: {
      kind: "TokenRequest",
      apiVersion: "authentication.k8s.io/v1",
      ...(isObject(body) ? body : {}),
      status: { token, expirationTimestamp },
    },
  };
};
