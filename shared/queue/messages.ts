/** The only message type: a key to reconcile. */
import * as z from "zod/mini";
import type { ReconcilerKind, WakeMessage } from "../model/events.ts";

/** Matches Kubernetes object names (RFC 1123 subdomain) and EKS cluster names. */
const NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,252}";
const KEYS: Readonly<Record<ReconcilerKind, RegExp>> = {
  demand: new RegExp(`^${NAME}$`),
  pool: new RegExp(`^${NAME}/${NAME}$`),
  nodeclass: new RegExp(`^${NAME}/${NAME}$`),
};

const parser = (key: RegExp) => z.object({ key: z.string().check(z.regex(key)), at: z.optional(z.number()) });

const PARSERS: Readonly<Record<ReconcilerKind, ReturnType<typeof parser>>> = {
  demand: parser(KEYS.demand),
  pool: parser(KEYS.pool),
  nodeclass: parser(KEYS.nodeclass),
};

/** Undefined if the body is not a valid message for this queue. */
export const parseWake = (kind: ReconcilerKind, body: string): WakeMessage | undefined => {
  try {
    const { success, data } = PARSERS[kind].safeParse(JSON.parse(body));
    return success ? data : undefined;
  } catch {
    return undefined;
  }
};
