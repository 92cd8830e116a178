import type { Store } from "../api-server/store.ts";
import { controllerOf, isReady, type PodObject } from "../objects/objects.ts";

/** When the latest of its containers started; undefined if none runs. */
const runningSince = ({ status }: PodObject): string | undefined =>
  (status.containerStatuses ?? [])
    .flatMap(({ state }) => (state as { running?: { startedAt: string } }).running?.startedAt ?? [])
    .sort()
    .at(-1);

/** Calls `act` with the name of the node whenever a pod of the DaemonSet has become Ready after its containers (re)started. */
export const onPodReady = (store: Store, daemonSet: string, act: (nodeName: string) => void): (() => void) => {
  const seen = new Map<string, string>();
  return store.subscribe("pods", ({ type, object }) => {
    const pod = object as PodObject;
    const { uid = "" } = pod.metadata;
    if (type === "DELETED") seen.delete(uid);
    if (controllerOf(pod)?.name !== daemonSet || !isReady(pod) || pod.spec.nodeName === undefined) return;
    const since = runningSince(pod);
    if (since === undefined || seen.get(uid) === since) return;
    seen.set(uid, since);
    act(pod.spec.nodeName);
  });
};
