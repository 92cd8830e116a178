import { METRICS } from "../../../shared/telemetry/metric-names.ts";

const DECLARED = new Map(
  Object.values(METRICS).map(({ name, by }) => [name as string, by.map((dimensions) => [...dimensions].sort().join())]),
);

/** Fails for a metric recorded with other dimensions than the list of metrics has: the dashboards would not find it. */
export const assertDeclared = (name: string, dimensions: readonly string[]): void => {
  const found = [...dimensions].sort().join();
  const declared = DECLARED.get(name);
  if (!declared?.includes(found)) {
    throw new Error(`metric ${name}: recorded by ${found}, declared by ${declared?.join(" or ") ?? "nothing"}`);
  }
};
