/** A finalizer of somebody who does not come to remove it. */
import type { KubeObject } from "../../../local/kubernetes/api-server/store.ts";

const FINALIZER = "example.com/backup";

const others = ({ finalizers = [] }: KubeObject["metadata"]): string[] =>
  finalizers.filter((finalizer) => finalizer !== FINALIZER);

export const addFinalizer = (metadata: KubeObject["metadata"]): void => {
  // No finalizer can be added to an object that is being deleted.
  if (metadata.deletionTimestamp === undefined) metadata.finalizers = [...others(metadata), FINALIZER];
};

export const removeFinalizer = (metadata: KubeObject["metadata"]): void => {
  metadata.finalizers = others(metadata);
};
