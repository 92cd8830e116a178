import type { Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import { instancesNotFound } from "./errors.ts";
import type { Instance } from "./instance.ts";

/** "Terminated instances remain visible after termination (usually for about an hour)": EC2 User Guide. */
const TERMINATED_VISIBLE_MS = 60 * 60 * 1000;

export interface Instances {
  add(instance: Instance): void;
  /** All instances in launch order, including ones that the API does not return yet. */
  all(): readonly Instance[];
  /** The instances that the API returns now. */
  visible(): readonly Instance[];
  get(id: string): Instance | undefined;
  /** In the order of the ids, without duplicates. Throws InvalidInstanceID.Malformed or .NotFound unless every one is visible. */
  find(ids: readonly string[]): Instance[];
  findOne(id: string): Instance;
}

const assertWellFormed = (id: string) => {
  if (!/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) {
    throw new CloudError("InvalidInstanceID.Malformed", `Invalid id: "${id}"`);
  }
};

/** Calls `forget` when it removes an instance, an hour after termination. */
export const createInstances = (clock: Clock, forget: (instance: Instance) => void): Instances => {
  const byId = new Map<string, Instance>();

  const dropOld = () => {
    const before = clock.now() - TERMINATED_VISIBLE_MS;
    for (const instance of byId.values()) {
      if (instance.state !== "terminated" || instance.stateSince >= before) continue;
      byId.delete(instance.id);
      forget(instance);
    }
  };

  const all = () => {
    dropOld();
    return [...byId.values()];
  };

  const find = (ids: readonly string[]): Instance[] => {
    dropOld();
    const unique = [...new Set(ids)];
    unique.forEach(assertWellFormed);
    const found = unique.flatMap((id) => byId.get(id) ?? []).filter(({ visibleAt }) => visibleAt <= clock.now());
    const missing = unique.filter((id) => !found.some((instance) => instance.id === id));
    if (missing.length > 0) throw instancesNotFound(missing);
    return found;
  };

  return {
    add: (instance) => void byId.set(instance.id, instance),
    all,
    visible: () => all().filter(({ visibleAt }) => visibleAt <= clock.now()),
    get: (id) => byId.get(id),
    find,
    findOne: (id) => {
      const [instance] = find([id]);
      if (!instance) throw instancesNotFound([id]);
      return instance;
    },
  };
};
