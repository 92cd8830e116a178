import { copy, isEqual, isObject } from "../json-value.ts";
import { badRequest } from "../status-errors.ts";
import { KubeFailure } from "../store.ts";

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** The API server's limit (maxJSONPatchOperations), more than any client sends. */
const MAX_OPERATIONS = 10_000;

/** JSON patch (RFC 6902). An operation that fails, including a failed test, is a 422, as in a real API server. */
export const jsonPatch = (target: unknown, patch: unknown): unknown => {
  if (!Array.isArray(patch)) throw badRequest("error decoding patch: a JSON patch is a list of operations");
  if (patch.length > MAX_OPERATIONS) throw badRequest("the JSON patch has too many operations");
  const root = { value: copy(target) };
  for (const operation of patch as Operation[]) apply(root, operation);
  return root.value;
};

const apply = (root: { value: unknown }, { op, path, from, value }: Operation): void => {
  switch (op) {
    case "add":
    case "replace":
      write(root, path, copy(value), op);
      break;
    case "remove":
      remove(root, path);
      break;
    case "test":
      if (!isEqual(read(root, path), value)) throw impossible();
      break;
    case "copy":
      write(root, path, copy(read(root, from ?? "")), "add");
      break;
    case "move": {
      const moved = read(root, from ?? "");
      remove(root, from ?? "");
      write(root, path, moved, "add");
      break;
    }
    default:
      throw badRequest(`unexpected kind of JSON patch operation: ${op}`);
  }
};

const impossible = () =>
  new KubeFailure(422, "Invalid", "the server rejected our request due to an error in our request", {});

const tokens = (path: string): string[] => {
  if (path === "") return [];
  if (!path.startsWith("/")) throw impossible();
  return path
    .slice(1)
    .split("/")
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
};

const child = (parent: unknown, token: string): unknown => {
  if (Array.isArray(parent)) return parent[indexIn(parent, token, parent.length - 1)];
  if (!isObject(parent) || !Object.hasOwn(parent, token)) throw impossible();
  return parent[token];
};

const indexIn = (list: unknown[], token: string, last: number): number => {
  const index = Number(token);
  if (!/^\d+$/.test(token) || index > Math.min(last, list.length)) throw impossible();
  return index;
};

const read = (root: { value: unknown }, path: string): unknown => tokens(path).reduce(child, root.value);

const write = (root: { value: unknown }, path: string, value: unknown, how: "add" | "replace"): void => {
  const [parent, token] = parentOf(root, path);
  if (token === undefined) root.value = value;
  else if (Array.isArray(parent)) {
    const index = token === "-" && how === "add" ? parent.length : indexIn(parent, token, lastIndex(parent, how));
    parent.splice(index, how === "add" ? 0 : 1, value);
  } else if (isObject(parent) && (how === "add" || Object.hasOwn(parent, token))) parent[token] = value;
  else throw impossible();
};

const lastIndex = (list: unknown[], how: "add" | "replace"): number => (how === "add" ? list.length : list.length - 1);

const remove = (root: { value: unknown }, path: string): void => {
  const [parent, token] = parentOf(root, path);
  if (token === undefined) throw impossible();
  if (Array.isArray(parent)) parent.splice(indexIn(parent, token, parent.length - 1), 1);
  else if (isObject(parent) && Object.hasOwn(parent, token)) delete parent[token];
  else throw impossible();
};

const parentOf = (root: { value: unknown }, path: string): [unknown, string | undefined] => {
  const steps = tokens(path);
  return [steps.slice(0, -1).reduce(child, root.value), steps.at(-1)];
};
