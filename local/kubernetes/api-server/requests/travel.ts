import type { ServerResponse } from "node:http";
import type { Clock } from "../../../clock.ts";
import type { Breakage } from "../faults/connection.ts";
import type { RequestFaults } from "../faults/faults.ts";
import type { Target } from "./target.ts";

/** Runs `wait` while the request does not hold the clock. */
export type Unheld = (wait: () => Promise<void>) => Promise<void>;

/** Lets the injected latency pass and returns what happens to the response; a request that hangs ends with its connection. */
export const travel = async (
  faults: RequestFaults["connection"],
  clock: Clock,
  target: Target | undefined,
  response: ServerResponse,
  unheld: Unheld,
): Promise<Breakage | undefined> => {
  if (!target) return undefined;
  const latency = faults.latencyOf(target);
  if (latency > 0) await unheld(() => clock.sleep(latency));
  const breakage = faults.consumeBreakage(target);
  if (breakage === "hang before") await unheld(() => closed(response));
  return breakage;
};

export const closed = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once("close", () => resolve());
  });
