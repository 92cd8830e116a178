import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import { REGION } from "../../../../local/aws/gateway/service.ts";
import type { Keys } from "./a-cloud.ts";

interface SignedFetch {
  readonly service: string;
  readonly path: string;
  readonly keys: Keys;
  readonly body?: string;
  readonly form?: boolean;
  /** Sent instead of the signed body. */
  readonly tamper?: string;
  readonly at?: Date;
}

/** Sends a request signed by AWS's own signer, without an SDK client. */
export const signedFetch = async (endpoint: string, options: SignedFetch): Promise<Response> => {
  const url = new URL(options.path, endpoint);
  const signer = new SignatureV4({
    service: options.service,
    region: REGION,
    credentials: options.keys,
    sha256: Sha256,
  });
  const { headers } = await signer.sign(
    {
      method: options.body === undefined ? "GET" : "POST",
      protocol: url.protocol,
      hostname: url.hostname,
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: {
        host: url.host,
        ...(options.form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
      },
      body: options.body,
    },
    { signingDate: options.at },
  );
  const { host: _, ...sent } = headers;
  return fetch(url, {
    method: options.body === undefined ? "GET" : "POST",
    headers: sent,
    body: options.tamper ?? options.body,
  });
};
