import { CloudError } from "../gateway/service.ts";

/** Reads `$.detail.instance-id`, `$.resources[0]` or `$['a.b']` from an event; undefined if the path does not exist. */
export const readPath = (event: unknown, path: string): unknown => {
  let value: unknown = event;
  for (const step of parsePath(path)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
  }
  return value;
};

const STEP = /\.([^.[\]]+)|\[(\d+)\]|\['([^']+)'\]/y;

/** Throws ValidationException unless the path is in the JSONPath subset that EventBridge accepts. */
export const parsePath = (path: string): string[] => {
  if (!path.startsWith("$")) throw invalidPath(path);
  const steps: string[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const match = STEP.exec(path);
    const step = match?.[1] ?? match?.[2] ?? match?.[3];
    if (step === undefined) throw invalidPath(path);
    steps.push(step);
  }
  return steps;
};

const invalidPath = (path: string): CloudError => new CloudError("ValidationException", `Invalid JSONPath: ${path}`);
