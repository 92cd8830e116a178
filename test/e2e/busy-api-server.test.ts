import { expect, it } from "vitest";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  endBurst,
  QUICK_TO_STOP,
  quickStart,
  startStratos,
  untilRunning,
} from "./stratos.ts";

it("a burst is served once while the API server throttles, delays and drops requests and a webhook is slow", async () => {
  const environment = await startStratos();
  await quickStart(environment, { ...QUICK_TO_STOP, poolSize: 2, minStandby: 2 });
  await apply(environment, burstOf(2));
  const { faults } = environment.kube;
  const ends = [
    faults.throttle({ verb: "*", resource: "*", times: 10 }),
    faults.delay("*", "*", { least: 1, most: 20 }),
    faults.webhook({ operation: "UPDATE", resource: "nodes", behavior: { timeoutMs: 200, failurePolicy: "Ignore" } }),
  ];
  faults.breakNext("patch", "nodes", "reset", 2);
  faults.breakNext("patch", "nodepools/status", "reset", 1);
  faults.failNext("list", "pods", 503, 2);
  await untilRunning(environment, 2);
  expect(callsOf(environment, "StartInstances")).toHaveLength(1);
  expect(new Set(burstPods(environment).map(({ spec }) => spec.nodeName)).size).toBe(1);
  for (const end of ends) end();
  await endBurst(environment);
});
