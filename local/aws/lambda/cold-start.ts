/**
 * How long Lambda prepares an execution environment, in addition to the time for loading the code here: "typically … from under 100 ms
 * to over 1 second" in all (Lambda Operator Guide, "Execution environments: Cold starts and latency").
 */
const COLD_START_MS: readonly [min: number, max: number] = [100, 800];

/** Draws from the usual times; `random` returns values in [0, 1). */
export const usualColdStart = (random: () => number) => (): number => {
  const [min, max] = COLD_START_MS;
  return min + random() * (max - min);
};
