/** Parses requests of AWS's query protocols: a form whose dotted names describe a tree (`Filter.1.Value.2=running`). */
import { CloudError } from "./service.ts";

export interface Params {
  readonly [name: string]: string | Params;
}

/** Deeper than any request of EC2 or IAM. */
const MAX_DEPTH = 12;

/** Returns the tree that the form's names describe. If a name is both a leaf and a branch, the first one wins. */
export const parseParams = (form: URLSearchParams): Params => {
  const root: Record<string, string | Params> = Object.create(null);
  for (const [name, value] of form) {
    const steps = name.split(".").slice(0, MAX_DEPTH);
    const leaf = steps.pop() ?? name;
    let branch: Record<string, string | Params> | undefined = root;
    for (const step of steps) {
      branch[step] ??= Object.create(null) as Params;
      const next: string | Params | undefined = branch[step];
      branch = typeof next === "object" ? (next as Record<string, string | Params>) : undefined;
      if (!branch) break;
    }
    if (branch) branch[leaf] ??= value;
  }
  return root;
};

const missing = (name: string) =>
  new CloudError("MissingParameter", `The request must contain the parameter ${name}`, 400);

export const text = (params: Params, name: string): string | undefined => {
  const value = params[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};

/** Throws MissingParameter if the parameter is absent or empty. */
export const requiredText = (params: Params, name: string): string => {
  const value = text(params, name);
  if (value === undefined) throw missing(name);
  return value;
};

/** Returns undefined if the parameter is absent; throws InvalidParameterValue if it is not a whole number. */
export const integer = (params: Params, name: string): number | undefined => {
  const value = text(params, name);
  if (value === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(value)) {
    throw new CloudError("InvalidParameterValue", `Value (${value}) for parameter ${name} is invalid.`);
  }
  return Number(value);
};

export const flag = (params: Params, name: string): boolean => text(params, name)?.toLowerCase() === "true";

export const branch = (params: Params, name: string): Params => {
  const value = params[name];
  return typeof value === "object" ? value : {};
};

const inOrder = (params: Params): (string | Params)[] =>
  Object.entries(params)
    .sort(([one], [other]) => Number(one) - Number(other))
    .map(([, value]) => value);

/** Reads `InstanceId.1=…&InstanceId.2=…` as a list in numeric order. */
export const texts = (params: Params, name: string): string[] =>
  inOrder(branch(params, name)).flatMap((value) => (typeof value === "string" ? value : []));

/** Throws MissingParameter if the list is empty. */
export const requiredTexts = (params: Params, name: string): string[] => {
  const values = texts(params, name);
  if (values.length === 0) throw missing(name);
  return values;
};

/** Reads `Filter.1.Name=…` as a list of trees in numeric order. */
export const branches = (params: Params, name: string): Params[] =>
  inOrder(branch(params, name)).filter((value): value is Params => typeof value === "object");

/** Reads `Tag.1.Key=…&Tag.1.Value=…`; a missing value is the empty string. */
export const readTags = (params: Params, name = "Tag"): Record<string, string> =>
  Object.fromEntries(branches(params, name).map((tag) => [text(tag, "Key") ?? "", text(tag, "Value") ?? ""]));
