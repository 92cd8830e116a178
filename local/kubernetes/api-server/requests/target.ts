/** The target of a request, parsed from its method and path (apiserver, endpoints/request RequestInfo). */
export interface Target {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** Undefined for non-resource paths: discovery, health, OpenAPI. */
export const targetOf = (method: string, path: string, query: URLSearchParams): Target | undefined => {
  const [root, ...segments] = path.split("/").filter(Boolean).map(decodeURIComponent);
  const isCore = root === "api";
  if (!isCore && root !== "apis") return undefined;
  const group = isCore ? "" : (segments.shift() ?? "");
  const version = segments.shift();
  if (!version || segments.length === 0) return undefined;
  // A namespace's own subresources are not resources inside it.
  const isInside =
    segments[0] === "namespaces" && segments.length > 2 && !["status", "finalize"].includes(segments[2] ?? "");
  const namespace = isInside ? segments[1] : undefined;
  const [plural = "", name, subresource, ...rest] = isInside ? segments.slice(2) : segments;
  if (rest.length > 0) return undefined;
  const verb = verbOf(method, name, query);
  return verb && { verb, group, version, plural, namespace, name, subresource };
};

const verbOf = (method: string, name: string | undefined, query: URLSearchParams): Verb | undefined => {
  switch (method) {
    case "GET":
    case "HEAD":
      if (isTrue(query.get("watch"))) return "watch";
      return name ? "get" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name ? "delete" : "deletecollection";
    default:
      return undefined;
  }
};

/** Parses a boolean query parameter like Go's strconv. */
export const isTrue = (value: string | null): boolean => value === "true" || value === "1";
