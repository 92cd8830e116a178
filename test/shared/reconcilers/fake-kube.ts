/** A Kubernetes API in memory: objects by path, with resource versions, finalizers, selectors and evictions. */
import { copy, freeze } from "../../../local/kubernetes/api-server/json-value.ts";
import { mergePatch } from "../../../local/kubernetes/api-server/patch/merge.ts";
import { parseLabelSelector } from "../../../local/kubernetes/api-server/selectors/labels.ts";
import { DISRUPTION_BUDGET, type KubeClient, KubeError, type ListOptions } from "../../../shared/kube/client.ts";
import type { ObjectMeta } from "../../../shared/model/kubernetes/objects.ts";

export interface StoredObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Calls that the API server refuses before they have an effect. */
export interface Refusal {
  readonly method: keyof KubeClient;
  /** The start or the end of the path; every path by default. */
  readonly path?: string;
  readonly error: Error;
  /** Until it is called off, by default. */
  readonly times?: number;
}

export interface FakeKube {
  readonly port: KubeClient;
  readonly objects: Map<string, StoredObject>;
  /** Pods that a PodDisruptionBudget protects, as `namespace/name`. */
  readonly protectedPods: Set<string>;
  /** Called before each write, for a change that another client makes in between. */
  beforeWrite: (path: string) => void;
  /** Returns the function that calls it off. */
  refuse(refusal: Refusal): () => void;
  put(path: string, object: unknown): void;
  /** Applies another client's merge patch. */
  change(path: string, patch: unknown): void;
  at<T>(path: string): T | undefined;
  in<T>(collection: string): T[];
}

const valueAt = (object: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, field) => (value as Record<string, unknown> | undefined)?.[field], object);

const matches = (object: StoredObject, { labelSelector, fieldSelector }: ListOptions): boolean => {
  if (labelSelector && !parseLabelSelector(labelSelector)(object.metadata.labels)) return false;
  const [field = "", value] = fieldSelector?.split("=") ?? [];
  return field === "" || valueAt(object, field) === value;
};

/** `/api/v1/pods` lists the pods of all namespaces. */
const isIn = (collection: string, path: string): boolean => {
  const parent = path.slice(0, path.lastIndexOf("/"));
  return parent === collection || parent.replace(/\/namespaces\/[^/]+/, "") === collection;
};

const createRefusals = () => {
  const left = new Map<Refusal, number>();
  const check = (called: keyof KubeClient, at: string): void => {
    for (const [refusal, times] of left) {
      const { method, path = "", error } = refusal;
      if (times === 0 || method !== called || !(at.startsWith(path) || at.endsWith(path))) continue;
      left.set(refusal, times - 1);
      throw error;
    }
  };
  return {
    refuse: (refusal: Refusal): (() => void) => {
      left.set(refusal, refusal.times ?? Number.POSITIVE_INFINITY);
      return () => void left.delete(refusal);
    },
    guard: (port: KubeClient): KubeClient =>
      Object.fromEntries(
        Object.entries(port).map(([method, call]) => [
          method,
          async (path: string, ...more: unknown[]) => {
            check(method as keyof KubeClient, path);
            return call(path, ...more);
          },
        ]),
      ) as unknown as KubeClient,
  };
};

export const createFakeKube = (now: () => number): FakeKube => {
  const objects = new Map<string, StoredObject>();
  const refusals = createRefusals();
  let version = 0;

  const put = (path: string, object: unknown) => {
    version += 1;
    const stored = copy(object) as StoredObject;
    const { metadata } = stored;
    if (metadata.deletionTimestamp && !metadata.finalizers?.length) return void objects.delete(path);
    // Frozen, so that readers need no copies of their own.
    objects.set(path, freeze({ ...stored, metadata: { ...metadata, resourceVersion: String(version) } }));
  };

  const change = (path: string, patch: unknown) => {
    if (objects.has(path)) put(path, mergePatch(objects.get(path), patch));
  };

  const patch = (path: string, body: unknown): StoredObject | undefined => {
    fake.beforeWrite(path);
    const found = objects.get(path);
    const required = valueAt(body, "metadata.resourceVersion");
    if (found && required !== undefined && required !== found.metadata.resourceVersion) {
      throw new KubeError(409, "Conflict", `${path} has been modified`);
    }
    change(path, body);
    return found && (objects.get(path) ?? found);
  };

  const checkUid = (path: string, options: unknown) => {
    const required = valueAt(options, "preconditions.uid");
    const found = objects.get(path)?.metadata.uid;
    if (required !== undefined && required !== found) throw new KubeError(409, "Conflict", `${path} has another uid`);
  };

  const evict = (pod: string, options: unknown) => {
    const { namespace, name } = objects.get(pod)?.metadata ?? {};
    if (name === undefined) throw new KubeError(404, "NotFound", `${pod} is not found`);
    checkUid(pod, options);
    if (fake.protectedPods.has(`${namespace}/${name}`)) {
      throw new KubeError(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.", [
        DISRUPTION_BUDGET,
      ]);
    }
    objects.delete(pod);
  };

  const create = (path: string, body: StoredObject): unknown => {
    fake.beforeWrite(path);
    if (path.endsWith("/eviction")) return evict(path.slice(0, -"/eviction".length), valueAt(body, "deleteOptions"));
    const key = `${path}/${body.metadata.name}`;
    if (objects.has(key)) throw new KubeError(409, "AlreadyExists", `${key} exists`);
    put(key, body);
    return objects.get(key);
  };

  const remove = (path: string, options: unknown): boolean => {
    fake.beforeWrite(path);
    if (!objects.has(path)) return false;
    checkUid(path, options);
    change(path, { metadata: { deletionTimestamp: new Date(now()).toISOString() } });
    return true;
  };

  const inside = <T>(collection: string): T[] =>
    [...objects].filter(([path]) => isIn(collection, path)).map(([, object]) => object as T);

  const port = refusals.guard({
    get: async <T>(path: string) => objects.get(path) as T | undefined,
    list: async <T, P = T>(
      path: string,
      options: ListOptions = {},
      project: (item: T) => P | undefined = (item) => item as unknown as P,
    ) => {
      const found = inside<StoredObject>(path).filter((object) => matches(object, options)) as T[];
      return found.map(project).filter((item) => item !== undefined);
    },
    patch: async <T>(path: string, _type: string, body: unknown) =>
      patch(path.replace(/\/status$/, ""), body) as T | undefined,
    create: async <T>(path: string, body: unknown) => create(path, body as StoredObject) as T,
    delete: async (path, options) => remove(path, options),
  });

  const fake: FakeKube = {
    port,
    objects,
    protectedPods: new Set(),
    beforeWrite: () => {},
    refuse: refusals.refuse,
    put,
    change,
    at: <T>(path: string) => objects.get(path) as T | undefined,
    in: inside,
  };
  return fake;
};
