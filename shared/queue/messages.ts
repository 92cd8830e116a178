/** Every message names a key to reconcile. */
import * as z from "zod/mini";
import {
  clusterOfSource,
  FORWARDER_SOURCE_PREFIX,
  type ForwardedMessage,
  type ReconcilerKind,
  type WakeMessage,
} from "../model/events.ts";
import { objectKey } from "../model/keys.ts";

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

const FORWARDED = z.object({
  source: z.string().check(z.startsWith(FORWARDER_SOURCE_PREFIX)),
  name: z.optional(z.string()),
});

const keyOf = ({ source, name }: ForwardedMessage): string =>
  name === undefined ? clusterOfSource(source) : objectKey(clusterOfSource(source), name);

const asWake = (message: unknown): unknown => {
  const forwarded = FORWARDED.safeParse(message);
  return forwarded.success ? { key: keyOf(forwarded.data) } : message;
};

/** Undefined if the body is not a valid message for this queue. */
export const parseWake = (kind: ReconcilerKind, body: string): WakeMessage | undefined => {
  try {
    const { success, data } = PARSERS[kind].safeParse(asWake(JSON.parse(body)));
    return success ? data : undefined;
  } catch {
    return undefined;
  }
};
