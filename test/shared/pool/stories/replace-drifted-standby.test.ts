import { expect, it } from "vitest";
import { anInstance, aSpec, aView, driftedStandby } from "../builders.ts";
import { summary } from "../decisions.ts";

const TERMINATE = "beginTransition terminating: Stale";

it("all drifted standby is replaced, and there is never less than minStandby", () => {
  const spec = aSpec({ minStandby: 3 });
  let instances = [driftedStandby(), driftedStandby(), driftedStandby()];
  let terminated = 0;
  for (let round = 0; round < 20; round += 1) {
    const [decision] = summary(aView(instances, { spec, hasPendingPods: false }));
    if (decision === undefined) break;
    if (decision === TERMINATE) {
      terminated += 1;
      const index = instances.findIndex(({ record }) => record.fingerprint === "outdated");
      instances = instances.toSpliced(index, 1);
    } else instances = [...instances, anInstance("standby")];
    expect(instances.length).toBeGreaterThanOrEqual(3);
  }
  expect(terminated).toBe(3);
  expect(instances.map(({ record }) => record.fingerprint)).toEqual(["current", "current", "current"]);
});
