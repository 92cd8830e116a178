import { createHash } from "node:crypto";
import type { PodTemplate } from "../../objects/objects.ts";

/** The characters that Kubernetes uses for a hash in a name (apimachinery, rand.SafeEncodeString). */
const SAFE_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";

const sortKeys = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted()
      .map(([key, item]) => [key, sortKeys(item)]),
  );
};

/** Stored objects are frozen and looked at again and again. */
const known = new WeakMap<PodTemplate, string>();

/** A hash of ten characters. Templates with equal content have equal hashes. */
export const templateHash = (template: PodTemplate): string => {
  const hash = known.get(template) ?? hashOf(template);
  if (Object.isFrozen(template)) known.set(template, hash);
  return hash;
};

const hashOf = (template: PodTemplate): string =>
  [
    ...createHash("sha256")
      .update(JSON.stringify(sortKeys(template)))
      .digest()
      .subarray(0, 10),
  ]
    .map((byte) => SAFE_CHARACTERS[byte % SAFE_CHARACTERS.length])
    .join("");
