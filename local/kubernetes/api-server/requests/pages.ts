import { badRequest, expired } from "../refusals.ts";
import type { KubeObject } from "../store.ts";

/** Lists that clients are in the middle of; as many as there may be at once. */
const MOST_OPEN_LISTS = 100;

interface OpenList {
  readonly version: number;
  readonly rest: readonly KubeObject[];
}

/** What is left of lists that are read in pages; each page shows the same moment, as etcd's snapshots do. */
export interface Pages {
  /** Keeps the rest of a list and returns the token for it. */
  keep(version: number, rest: readonly KubeObject[]): string;
  /** Throws 410 when the list is no longer kept. */
  resume(token: string): OpenList;
}

export const createPages = (): Pages => {
  const open = new Map<string, OpenList>();
  let count = 0;
  return {
    keep: (version, rest) => {
      count += 1;
      const token = Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: version, list: count })).toString(
        "base64url",
      );
      open.set(token, { version, rest });
      const oldest = open.keys().next().value;
      if (open.size > MOST_OPEN_LISTS && oldest !== undefined) open.delete(oldest);
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
