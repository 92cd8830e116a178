export interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly modifiedAt: number;
}

/** The account's parameters and AWS's public ones, by name. */
export interface Parameters {
  get(name: string): Parameter | undefined;
  put(name: string, value: string): void;
  /** Sorted by name. */
  list(): readonly Parameter[];
}

/** `now` in milliseconds since the epoch. */
export const createParameters = (now: () => number): Parameters => {
  const parameters = new Map<string, Parameter>();
  return {
    get: (name) => parameters.get(name),
    put: (name, value) => {
      const version = (parameters.get(name)?.version ?? 0) + 1;
      parameters.set(name, { name, value, version, modifiedAt: now() });
    },
    list: () => [...parameters.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
  };
};
