import { expect, it } from "vitest";
import { type LevelStatus, recordLevels } from "../../../shared/reconcilers/record-levels.ts";
import { countingTelemetry } from "../queue/in-memory.ts";

it.each<[string, LevelStatus, Readonly<Record<string, number>>]>([
  ["that is well records nothing", { standby: 3, desiredStandby: 3 }, {}],
  ["without a status records nothing", {}, {}],
  ["that needs no standby records nothing", { standby: 0, desiredStandby: 0 }, {}],
  ["that is degraded", { degradedReason: "StartFailing", standby: 1, desiredStandby: 1 }, { degraded: 1 }],
  ["that lacks standby", { standby: 1, desiredStandby: 3 }, { standbyMissing: 2 }],
  ["without any standby", { standby: 0, desiredStandby: 3 }, { standbyMissing: 3, noStandby: 1 }],
  [
    "that is paused may lack standby, but not be degraded",
    { degradedReason: "StartFailing", desiredStandby: 3, conditions: [{ type: "Paused", status: "True" }] },
    { degraded: 1 },
  ],
])("a pool %s", (_, status, expected) => {
  const telemetry = countingTelemetry();
  recordLevels(telemetry, { cluster: "c", pool: "p" }, status);
  expect(telemetry.counts).toEqual(expected);
});
