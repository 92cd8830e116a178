import { createHash } from "node:crypto";
import type { PodTemplate } from "../../objects.ts";

/** Letters that Kubernetes uses where a hash becomes part of a name (apimachinery, rand.SafeEncodeString). */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted()
      .map(([key, item]) => [key, ordered(item)]),
  );
};

/** Ten letters that are the same for templates of the same content. */
export const templateHash = (template: PodTemplate): string =>
  [
    ...createHash("sha256")
      .update(JSON.stringify(ordered(template)))
      .digest()
      .subarray(0, 10),
  ]
    .map((byte) => SAFE[byte % SAFE.length])
    .join("");
