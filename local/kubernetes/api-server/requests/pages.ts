import { badRequest, expired } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";

/** The maximum number of lists that clients can be paging through at the same time. */
const MAX_OPEN_LISTS = 100;

interface OpenList {
  readonly version: number;
  readonly rest: readonly KubeObject[];
}

/** The remaining items of paged lists. All pages of a list come from the same snapshot, as with etcd. */
export interface Pages {
  /** Saves the rest of a list and returns its continue token. */
  save(version: number, rest: readonly KubeObject[]): string;
  /** Throws 410 if the list has been discarded. */
  resume(token: string): OpenList;
}

export const createPages = (): Pages => {
  const open = new Map<string, OpenList>();
  let count = 0;
  return {
    save: (version, rest) => {
      count += 1;
      const token = Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, list: count })).toString(
        "base64url",
      );
      open.set(token, { version, rest });
      const oldest = open.keys().next().value;
      if (open.size > MAX_OPEN_LISTS && oldest !== undefined) open.delete(oldest);
      return token;
    },
    resume: (token) => {
      const list = open.get(token);
      if (list) return list;
      if (!Buffer.from(token, "base64url").toString().startsWith('{"v":')) {
        throw badRequest("invalid continue token: continue key is not valid");
      }
      throw expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
      );
    },
  };
};
