/** The objects of a real cluster behind the interface of the simulated one, updated by watches, a few milliseconds late. */
import { KubeConfig } from "@kubernetes/client-node";
import { createKubeApi } from "../../forwarder/kube-api.ts";
import { jsonLog } from "../../forwarder/log.ts";
import { type Reflector, reflect } from "../../forwarder/reflector.ts";
import type { ObjectView } from "../../local/environment/cluster-side.ts";
import { type KubeconfigEntry, kubeconfigOf } from "../../local/environment/kubeconfig.ts";
import type { KubeObject, StoreEvent } from "../../local/kubernetes/api-server/store.ts";

/** The resources that the demo and the scenario read. */
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
  /** Starts the watches; resolves once everything is listed. The resources must already be served. */
  open(): Promise<void>;
  close(): void;
}

const idOf = (name: string, namespace: string | undefined) => (namespace === undefined ? name : `${namespace}/${name}`);

const createCollection = (resource: string) => {
  const objects = new Map<string, KubeObject>();
  const listeners = new Set<Listener>();
  const notify = (type: StoreEvent["type"], object: KubeObject) => {
    for (const listener of listeners) listener({ type, resource, object });
  };
  const tracker = {
    set: (id: string, object: KubeObject) => {
      const type = objects.has(id) ? "MODIFIED" : "ADDED";
      objects.set(id, object);
      notify(type, object);
    },
    delete: (id: string) => {
      const object = objects.get(id);
      objects.delete(id);
      if (object) notify("DELETED", object);
    },
    ids: () => objects.keys(),
  };
  return { objects, listeners, tracker };
};

/** Reads with the credentials of `entry`. Accessing a resource that is not mirrored throws. */
export const createObjectMirror = (entry: KubeconfigEntry, warn: (line: string) => void): ObjectMirror => {
  const collections = new Map(Object.keys(RESOURCES).map((resource) => [resource, createCollection(resource)]));
  const reflectors: Reflector[] = [];
  const clock = {
    now: Date.now,
    after: (delayMs: number, run: () => void) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  };
  const collectionOf = (resource: string) => {
    const collection = collections.get(resource);
    if (!collection)
      throw new Error(`${resource}: not mirrored; mirrored resources are ${Object.keys(RESOURCES).join(", ")}`);
    return collection;
  };

  const open = async () => {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromString(JSON.stringify(kubeconfigOf(entry)));
    const api = createKubeApi(kubeConfig, clock);
    const log = jsonLog(warn, Date.now, { service: "mirror" });
    for (const [resource, path] of Object.entries(RESOURCES)) {
      const { tracker } = collectionOf(resource);
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
      collectionOf(resource).objects.get(idOf(name, namespace)) as T | undefined,
    list: <T extends KubeObject>(resource: string, namespace?: string) =>
      [...collectionOf(resource).objects.values()].filter(
        ({ metadata }) => namespace === undefined || metadata.namespace === namespace,
      ) as T[],
    subscribe: (resource, listener) => {
      const { listeners } = collectionOf(resource);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
