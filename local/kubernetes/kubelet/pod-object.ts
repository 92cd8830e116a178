import type { Store } from "../api-server/store.ts";
import type { PodObject } from "../objects/objects.ts";

/** The object of one pod. Does nothing once another pod has its name. */
export const accessPod = (store: Store, { metadata: { name, namespace, uid } }: PodObject) => {
  const current = (): PodObject | undefined => {
    const found = store.get<PodObject>("pods", name, namespace);
    return found?.metadata.uid === uid ? found : undefined;
  };
  return {
    writeStatus: (change: (pod: PodObject) => void): void => {
      if (current()) store.change<PodObject>("pods", name, namespace, change, { status: true });
    },
    isDeleted: (): boolean => current()?.metadata.deletionTimestamp !== undefined,
    isFinished: (): boolean => ["Succeeded", "Failed"].includes(current()?.status.phase ?? ""),
    remove: (): void => {
      if (current()) store.remove("pods", name, namespace, { gracePeriodSeconds: 0 });
    },
  };
};
