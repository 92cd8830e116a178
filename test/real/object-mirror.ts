/** The objects of a real cluster as they are read of the embedded one: kept up with by watches, a few milliseconds behind. */
import { KubeConfig } from "@kubernetes/client-node";
import { createKubeApi } from "../../forwarder/kube-api.ts";
import { jsonLog } from "../../forwarder/log.ts";
import { type Reflector, reflect } from "../../forwarder/reflector.ts";
import type { ObjectView } from "../../local/environment/cluster-side.ts";
import { type KubeconfigEntry, kubeconfigOf } from "../../local/environment/kubeconfig.ts";
import type { KubeObject, StoreEvent } from "../../local/kubernetes/api-server/store.ts";

/** What the show and the scenario look at. */
const RESOURCES: Readonly<Record<string, string>> = {
  nodes: "/api/v1/nodes",
  pods: "/api/v1/pods",
  events: "/api/v1/events",
  "nodepools.stratos.sh": "/apis/stratos.sh/v1alpha1/nodepools",
  "awsnodeclasses.stratos.sh": "/apis/stratos.sh/v1alpha1/awsnodeclasses",
  "poddisruptionbudgets.policy": "/apis/policy/v1/poddisruptionbudgets",
};

type Listener = (event: StoreEvent) => void;

export interface ObjectMirror extends ObjectView {
  /** Begins to watch; resolves once everything was listed. The resources must be served by then. */
  open(): Promise<void>;
  close(): void;
}

const idOf = (name: string, namespace: string | undefined) => (namespace === undefined ? name : `${namespace}/${name}`);

const createShelf = (resource: string) => {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<Listener>();
  const tell = (type: StoreEvent["type"], object: KubeObject) => {
    for (const listener of listeners) listener({ type, resource, object });
  };
  const tracker = {
    set: (id: string, object: KubeObject) => {
      const type = objects.has(id) ? "MODIFIED" : "ADDED";
      objects.set(id, object);
      tell(type, object);
    },
    delete: (id: string) => {
      const object = objects.get(id);
      objects.delete(id);
      if (object) tell("DELETED", object);
    },
    ids: () => objects.keys(),
  };
  return { objects, listeners, tracker };
};

/** Reads with the credentials of `entry`; a resource it does not keep throws. */
export const createObjectMirror = (entry: KubeconfigEntry, warn: (line: string) => void): ObjectMirror => {
  const shelves = new Map(Object.keys(RESOURCES).map((resource) => [resource, createShelf(resource)]));
  const reflectors: Reflector[] = [];
  const clock = {
    now: Date.now,
    after: (delayMs: number, run: () => void) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const shelfOf = (resource: string) => {
    const shelf = shelves.get(resource);
    if (!shelf) throw new Error(`${resource}: not mirrored; known are ${Object.keys(RESOURCES).join(", ")}`);
    return shelf;
  };

  const open = async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(JSON.stringify(kubeconfigOf(entry)));
    const api = createKubeApi(kubeConfig, clock);
    const log = jsonLog(warn, Date.now, { service: "mirror" });
    for (const [resource, path] of Object.entries(RESOURCES)) {
      const { tracker } = shelfOf(resource);
      const onRestart = () => {};
      reflectors.push(reflect({ api, clock, random: Math.random, log, resource, path, tracker, onRestart }));
    }
    await Promise.all(reflectors.map(({ synced }) => synced));
  };

  return {
    open,
    close: () => {
      for (const reflector of reflectors) reflector.stop();
    },
    get: <T extends KubeObject>(resource: string, name: string, namespace?: string) =>
      shelfOf(resource).objects.get(idOf(name, namespace)) as T | undefined,
    list: <T extends KubeObject>(resource: string, namespace?: string) =>
      [...shelfOf(resource).objects.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ) as T[],
    subscribe: (resource, listener) => {
      const { listeners } = shelfOf(resource);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
