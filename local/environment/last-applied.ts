import type { KubeObject } from "../kubernetes/api-server/store.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/**
 * Adds the annotation in which `kubectl apply` keeps what it applied, so that a later apply neither warns nor changes anything. Its text
 * is Go's JSON: sorted keys, escaped HTML, a newline at the end. Source: kubectl's pkg/util/apply.go, GetModifiedConfiguration.
 */
export const withLastApplied = <T extends KubeObject>(object: T): T => {
  const { annotations = {} } = object.metadata;
  const configuration = { ...object, metadata: { ...object.metadata, annotations } };
  const text = `${JSON.stringify(configuration, sortKeys).replace(/[<>&\u2028\u2029]/g, escapeCharacter)}\n`;
  return { ...object, metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED]: text } } };
};

const sortKeys = (_: string, value: unknown): unknown =>
  value !== null && typeof value === "object" && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)))
    : value;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
