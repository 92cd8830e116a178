/** The API server's audit log: who requested what. */
import { closeSync, openSync, readSync, writeFileSync } from "node:fs";

/** The fields of an `audit.k8s.io/v1` Event that are used here. */
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
  /** Completed requests, oldest first. A watch counts once, when it is opened. */
  read(): readonly AuditEvent[];
}

/** Logs every request once: a long-running one when it begins, any other when it is completed. */
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
  const readNewLines = readLinesOf(log);
  const events: AuditEvent[] = [];
  return {
    // The default rotates the file at 100 MB, which would lose unread events.
    apiServerFlags: ["--audit-policy-file", policy, "--audit-log-path", log, "--audit-log-maxsize", "0"],
    read: () => {
      const added = readNewLines().map((line) => JSON.parse(line) as AuditEvent & { readonly stage: string });
      events.push(...added.filter(({ stage, verb }) => (verb === "watch") === (stage === "ResponseStarted")));
      return events;
    },
  };
};

const CHUNK_BYTES = 1 << 20;

/** Each call returns the lines added to the file since the previous call. */
const readLinesOf = (path: string): (() => readonly string[]) => {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  let position = 0;
  return () => {
    const file = openSync(path, "r");
    try {
      for (let size = -1; size !== 0; position += size) {
        size = readSync(file, chunk, 0, CHUNK_BYTES, position);
        rest = Buffer.concat([rest, chunk.subarray(0, size)]);
      }
    } finally {
      closeSync(file);
    }
    // The last line may be incomplete.
    const end = rest.lastIndexOf("\n") + 1;
    const lines = rest.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
    rest = Buffer.from(rest.subarray(end));
    return lines;
  };
};
