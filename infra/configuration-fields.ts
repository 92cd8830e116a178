/** Readers of a deployment's fields. Each throws a `ConfigurationError` that names the field, the value found and what is allowed. */

/** The message has the field, the value found and what is allowed. */
export class ConfigurationError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "ConfigurationError";
  }
}

type Fields = Readonly<Record<string, unknown>>;

export const object = (value: unknown, field: string, known: readonly string[]): Fields => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return reject(field, value, `an object with ${known.join(", ")}`);
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  return unknown === undefined
    ? (value as Fields)
    : reject(`${field}.${unknown}`, (value as Fields)[unknown], known.join(", "));
};

export const list = (
  value: unknown,
  field: string,
  allowed: string,
  { min, max }: { min: number; max: number },
): unknown[] =>
  Array.isArray(value) && value.length >= min && value.length <= max
    ? value
    : reject(field, value, `a list of ${allowed}`);

export const text = (value: unknown, field: string, pattern: RegExp, allowed: string): string =>
  typeof value === "string" && pattern.test(value) ? value : reject(field, value, `${allowed} (${pattern.source})`);

export const optional = <T>(value: unknown, read: (value: unknown) => T): T | undefined =>
  value === undefined ? undefined : read(value);

export const reject = (field: string, found: unknown, allowed: string): never => {
  throw new ConfigurationError(`${field}: found ${JSON.stringify(found) ?? "nothing"}; allowed: ${allowed}`);
};
