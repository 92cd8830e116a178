/** Errors as the client throws them for refusals of a real API server; the Kubernetes contract suites compare the responses. */
import { KubeError } from "../../../shared/kube/client.ts";

/** API Priority and Fairness sends plain text, so that the error has no reason. */
export const throttled = (): KubeError => new KubeError(429, "Unknown", "HTTP 429");

/** As webhooks built with controller-runtime deny. */
export const deniedByWebhook = (why: string): KubeError =>
  new KubeError(403, "Forbidden", `admission webhook "policy.example.com" denied the request: ${why}`);

export const webhookTimeout = (): KubeError =>
  new KubeError(
    500,
    "InternalError",
    'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post "https://policy.policy-system.svc:443/admit?timeout=10s": context deadline exceeded',
  );

export const invalid = (what: string, why: string): KubeError =>
  new KubeError(422, "Invalid", `${what} is invalid: ${why}`);
