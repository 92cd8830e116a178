import { badRequest, notFound } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import type { Answer, ResourceRequest } from "./context.ts";
import { renderingOf } from "./render.ts";
import { selectionOf } from "./select.ts";

/** The object that the request names. Throws 404. */
export const getTarget = ({ cluster, type, target }: ResourceRequest): KubeObject => {
  const name = target.name ?? "";
  const object = cluster.store.get(type.name, name, target.namespace);
  if (!object) throw notFound(type.name, name);
  return object;
};

export const answerGet = (request: ResourceRequest): Answer => ({
  status: 200,
  body: renderingOf(request).one(getTarget(request)),
});

/** A list sorted by name, like etcd. With `limit` it is one page, and `continue` fetches the next. */
export const answerList = (request: ResourceRequest): Answer => {
  const { cluster, query, type, target } = request;
  const limit = Number(query.get("limit") ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`invalid limit: ${query.get("limit")}`);
  const token = query.get("continue");
  const { version, rest: items } = token
    ? cluster.pages.resume(token)
    : {
        version: cluster.store.version(),
        rest: cluster.store.list(type.name, target.namespace).filter(selectionOf(request)).sort(byName),
      };
  const page = limit > 0 ? items.slice(0, limit) : items;
  const rest = items.slice(page.length);
  const metadata = {
    resourceVersion: String(version),
    ...(rest.length > 0 ? { continue: cluster.pages.save(version, rest), remainingItemCount: rest.length } : {}),
  };
  return { status: 200, body: renderingOf(request).list(page, metadata) };
};

const byName = (a: KubeObject, b: KubeObject): number => {
  const [left, right] = [`${a.metadata.namespace}/${a.metadata.name}`, `${b.metadata.namespace}/${b.metadata.name}`];
  return left < right ? -1 : left > right ? 1 : 0;
};
