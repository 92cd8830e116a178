import type { ObjectMeta } from "../shared/model/kubernetes/objects.ts";
import type { Tracker } from "./reflector.ts";

/**
 * Reports objects that appeared, went, or whose spec changed: the API server raises `generation` for these only, and with
 * `deletionTimestamp`. A status written by the reconcilers themselves must not wake them again.
 */
export const trackSpecs = <T extends { readonly metadata: ObjectMeta }>(
  onChange: (name: string) => void,
): Tracker<T> => {
  const signs = new Map<string, string>();
  return {
    set: (name, { metadata }) => {
      const sign = `${metadata.uid} ${metadata.generation} ${metadata.deletionTimestamp ?? ""}`;
      if (signs.get(name) === sign) return;
      signs.set(name, sign);
      onChange(name);
    },
    delete: (name) => {
      if (signs.delete(name)) onChange(name);
    },
    ids: () => signs.keys(),
  };
};
