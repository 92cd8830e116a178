import type { Target } from "../requests/target.ts";
import { isSelected, type RequestSelector } from "./selector.ts";

/** A constant, or a range from which each request draws. */
export type Latency = number | { readonly least: number; readonly most: number };

/**
 * `hang before`: the request is not executed, and not answered until the client gives up. `hang after`: executed, but not answered.
 * `reset`: executed, and the connection breaks in the middle of the response.
 */
export type Breakage = "hang before" | "hang after" | "reset";

interface Slowness extends RequestSelector {
  readonly latency: Latency;
}

interface Broken extends RequestSelector {
  readonly breakage: Breakage;
  left: number;
}

/** What happens to requests and responses on their way. */
export const createConnectionFaults = (random: () => number) => {
  const slow = new Set<Slowness>();
  const broken: Broken[] = [];
  const draw = (latency: Latency): number =>
    typeof latency === "number" ? latency : latency.least + random() * (latency.most - latency.least);
  return {
    delay: (verb: string, resource: string, latency: Latency): (() => void) => {
      const slowness = { verb, resource, latency };
      slow.add(slowness);
      return () => void slow.delete(slowness);
    },
    breakNext: (verb: string, resource: string, breakage: Breakage, times = 1): void => {
      broken.push({ verb, resource, breakage, left: times });
    },
    latencyOf: (target: Target): number =>
      [...slow].filter((each) => isSelected(each, target)).reduce((sum, { latency }) => sum + draw(latency), 0),
    consumeBreakage: (target: Target): Breakage | undefined => {
      const due = broken.find((each) => each.left > 0 && isSelected(each, target));
      if (due) due.left -= 1;
      return due?.breakage;
    },
  };
};
