/** Authenticates EKS tokens for the API server through a TokenReview webhook, as EKS does with its authenticator. */
import { writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { stringify } from "yaml";
import { kubeconfigOf } from "../../local/environment/kubeconfig.ts";
import type { Authenticate } from "../../local/kubernetes/api-server/access/tokens.ts";
import { makeCertificate } from "../../local/kubernetes/api-server/certificate.ts";

interface TokenReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly token: string };
}

export interface TokenWebhook {
  /** The flags that make the API server use this webhook. */
  readonly apiServerFlags: readonly string[];
  stop(): Promise<void>;
}

const review = async ({ apiVersion, kind, spec }: TokenReview, authenticate: Authenticate) => {
  const found = await authenticate(spec.token);
  const status = found
    ? { authenticated: true, user: { username: found.user, groups: found.groups } }
    : { authenticated: false };
  return { apiVersion, kind, status };
};

/** Serves on 127.0.0.1; its kubeconfig is written to `directory`. */
export const startTokenWebhook = async (directory: string, authenticate: Authenticate): Promise<TokenWebhook> => {
  const { key, cert } = await makeCertificate(Date.now());
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      const reviewed = await review((await json(request)) as TokenReview, authenticate);
      response.setHeader("content-type", "application/json").end(JSON.stringify(reviewed));
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  };
  const server = createServer({ key, cert }, (request, response) => void answer(request, response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const file = `${directory}/token-webhook.kubeconfig`;
  writeFileSync(file, stringify(kubeconfigOf({ clusterName: "eks-authenticator", url, caPem: cert, token: "unused" })));
  return {
    apiServerFlags: [
      ...["--authentication-token-webhook-config-file", file],
      ...["--authentication-token-webhook-version", "v1"],
    ],
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
