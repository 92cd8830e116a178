import type { ObjectMeta } from "../shared/model/kubernetes/objects.ts";
import type { Tracker } from "./reflector.ts";

/**
 * Reports objects that were added or deleted, or whose spec changed: the API server increases `generation` only for these changes, and
 * when it sets `deletionTimestamp`. A status that the reconcilers write must not wake them again.
 */
export const trackSpecs = <T extends { readonly metadata: ObjectMeta }>(
  onChange: (name: string) => void,
): Tracker<T> => {
  const fingerprints = new Map<string, string>();
  return {
    set: (name, { metadata }) => {
      const fingerprint = `${metadata.uid} ${metadata.generation} ${metadata.deletionTimestamp ?? ""}`;
      if (fingerprints.get(name) === fingerprint) return;
      fingerprints.set(name, fingerprint);
      onChange(name);
    },
    delete: (name) => {
      if (fingerprints.delete(name)) onChange(name);
    },
    ids: () => fingerprints.keys(),
  };
};
