/**
 * The syntax of labels and taints. Kubelet does not start with an invalid label or taint, so such a node would never join.
 * Source: k8s.io/apimachinery/pkg/util/validation.
 */
import type { Taint } from "../model/kubernetes/objects.ts";

const DOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const MAX_DOMAIN = 253;
const MAX_NAME = 63;
const EFFECTS: readonly string[] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

const isName = (text: string): boolean => text.length <= MAX_NAME && NAME.test(text);

const isKey = (key: string): boolean => {
  const [name = "", domain, ...more] = key.split("/").reverse();
  return (
    more.length === 0 && isName(name) && (domain === undefined || (domain.length <= MAX_DOMAIN && DOMAIN.test(domain)))
  );
};

const isValue = (value: string): boolean => value === "" || isName(value);

const problem = (field: string, found: string, allowed: string): string =>
  `${field} has ${JSON.stringify(found)}, but ${allowed}`;

const A_KEY =
  "a key is a name of at most 63 letters, digits, '-', '_' and '.', with an optional prefix of a DNS domain and '/'";
const A_VALUE =
  "a value is empty, or at most 63 letters, digits, '-', '_' and '.' that begin and end with a letter or digit";

export const labelsProblem = (labels: Readonly<Record<string, string>>, field: string): string | undefined => {
  for (const [key, value] of Object.entries(labels)) {
    if (!isKey(key)) return problem(field, key, A_KEY);
    if (!isValue(value)) return problem(field, `${key}=${value}`, A_VALUE);
  }
  return undefined;
};

export const taintsProblem = (taints: readonly Taint[], field: string): string | undefined => {
  for (const { key, value = "", effect } of taints) {
    if (!isKey(key)) return problem(field, key, A_KEY);
    if (!isValue(value)) return problem(field, `${key}=${value}`, A_VALUE);
    if (!EFFECTS.includes(effect))
      return problem(field, `${key}:${effect}`, `an effect is one of ${EFFECTS.join(", ")}`);
  }
  return undefined;
};
