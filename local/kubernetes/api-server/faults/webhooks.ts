import type { ResourceRequest } from "../requests/context.ts";
import { KubeFailure, type KubeObject } from "../store.ts";
import { resourceOf } from "./selector.ts";

const DEFAULT_NAME = "policy.example.com";

type Operation = "CREATE" | "UPDATE" | "DELETE";

interface Denial {
  readonly deny: string;
  readonly code?: number;
  readonly reason?: string;
}

/** An admission webhook that answers all requests in the same way. */
export interface Webhook {
  /** `policy.example.com` by default. */
  readonly name?: string;
  /** An eviction is a CREATE of `pods/eviction`. */
  readonly operation: Operation | "*";
  readonly resource: string;
  /** Only requests for the object of this name. */
  readonly objectName?: string;
  readonly behavior: /** controller-runtime answers with code 403 and reason Forbidden; without a code, the API server responds with 400. */
    | Denial
    /** No answer within `timeoutMs`; with the policy Ignore the request is only late. Fail by default, as in the API. */
    | { readonly timeoutMs: number; readonly failurePolicy?: "Fail" | "Ignore" }
    | { readonly mutate: (object: KubeObject) => void };
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  create: "CREATE",
  update: "UPDATE",
  patch: "UPDATE",
  delete: "DELETE",
  deletecollection: "DELETE",
};

/** Source: kubernetes, staging/src/k8s.io/apiserver/pkg/admission/plugin/webhook/errors/statuserror.go. */
const denial = (webhook: string, { deny, code = 400, reason = "" }: Denial): KubeFailure =>
  new KubeFailure(code, reason, `admission webhook ${JSON.stringify(webhook)} denied the request: ${deny}`);

/** Source: kubernetes, staging/src/k8s.io/apiserver/pkg/util/webhook/error.go; knative/serving#13045 shows it. */
const timeout = (webhook: string, timeoutMs: number): KubeFailure => {
  const url = `https://policy.policy-system.svc:443/admit?timeout=${Math.ceil(timeoutMs / 1000)}s`;
  const message = `failed calling webhook ${JSON.stringify(webhook)}: failed to call webhook: Post ${JSON.stringify(url)}: context deadline exceeded`;
  return new KubeFailure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
};

const isCalled = ({ operation, resource, objectName }: Webhook, { target }: ResourceRequest): boolean => {
  const requested = OPERATIONS[target.verb];
  return (
    requested !== undefined &&
    (operation === "*" || operation === requested) &&
    (resource === "*" || resource === resourceOf(target)) &&
    (objectName === undefined || objectName === target.name)
  );
};

/** A request for a missing object is refused before admission. */
const isMissing = ({ cluster, type, target }: ResourceRequest): boolean =>
  target.name !== undefined && !cluster.store.get(type.name, target.name, target.namespace);

export const createWebhooks = () => {
  const webhooks = new Set<Webhook>();
  const calledFor = (request: ResourceRequest) => [...webhooks].filter((webhook) => isCalled(webhook, request));
  return {
    webhook: (webhook: Webhook): (() => void) => {
      webhooks.add(webhook);
      return () => void webhooks.delete(webhook);
    },
    /** Throws the refusal of the first webhook that refuses the request without delay. */
    deny: (request: ResourceRequest): void => {
      for (const { name = DEFAULT_NAME, behavior } of calledFor(request))
        if ("deny" in behavior && !isMissing(request)) throw denial(name, behavior);
    },
    /** Throws the refusal of the first webhook that refuses the request. */
    admit: async (request: ResourceRequest, sleep: (ms: number) => Promise<void>): Promise<void> => {
      for (const { name = DEFAULT_NAME, behavior } of calledFor(request)) {
        if (isMissing(request)) return;
        if ("deny" in behavior) throw denial(name, behavior);
        if (!("timeoutMs" in behavior)) continue;
        await sleep(behavior.timeoutMs);
        if (behavior.failurePolicy !== "Ignore") throw timeout(name, behavior.timeoutMs);
      }
    },
    mutate: (request: ResourceRequest, object: KubeObject): void => {
      for (const { behavior } of calledFor(request)) if ("mutate" in behavior) behavior.mutate(object);
    },
  };
};
