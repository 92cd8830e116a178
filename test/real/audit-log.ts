/** The API server's own account of who asked what of it. */
import { readFileSync, writeFileSync } from "node:fs";

/** `audit.k8s.io/v1` Event, as far as it is looked at. */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly objectRef?: {
    readonly resource: string;
    readonly subresource?: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code?: number; readonly message?: string };
}

export interface AuditLog {
  readonly apiServerFlags: readonly string[];
  /** Requests that were answered, oldest first; each watch counts once, when it was opened. */
  read(): readonly AuditEvent[];
}

/** Every request once: long-running ones when they begin, all others when they have been answered. */
const POLICY = {
  apiVersion: "audit.k8s.io/v1",
  kind: "Policy",
  omitStages: ["RequestReceived"],
  rules: [{ level: "Metadata" }],
};

export const createAuditLog = (directory: string): AuditLog => {
  const policy = `${directory}/audit-policy.json`;
  const log = `${directory}/audit.log`;
  writeFileSync(policy, JSON.stringify(POLICY));
  writeFileSync(log, "");
  return {
    apiServerFlags: ["--audit-policy-file", policy, "--audit-log-path", log],
    read: () =>
      readFileSync(log, "utf8")
        .split("\n")
        // The last line may still be in the making.
        .slice(0, -1)
        .map((line) => JSON.parse(line) as AuditEvent & { readonly stage: string })
        .filter(({ stage, verb }) => (verb === "watch") === (stage === "ResponseStarted")),
  };
};
