import { expect, test } from "vitest";
import type { PoolSpec } from "../../../../shared/model/api/pool-spec.ts";
import type { AWSNodeClassSpec } from "../../../../shared/model/api/types.ts";
import { observeLaunch } from "../../../../shared/reconcilers/pool/observe-launch.ts";
import { anAddress } from "../../bootstrap/builders.ts";
import { aNodeClass, planOf } from "../../nodeclass/builders.ts";
import { aSpec, MINUTE } from "../../pool/builders.ts";

const { template, preWarm } = aSpec();
const spotReplacement = { enabled: true, replacementDelayMs: 2 * MINUTE };
const spotConfig = { instanceTypes: ["m5.large"] };

/** Of a resolved class with its own user data. */
const observed = async (spec: PoolSpec, changes: Partial<AWSNodeClassSpec> = {}) => {
  const nodeClass = aNodeClass({ spec: changes });
  const resolved = { ...nodeClass, status: planOf({ nodeClass }).status };
  return (await observeLaunch({ address: async () => anAddress() }, "my-cluster", spec, resolved, [])).nodeClass;
};

test.each([
  ["a label's key", aSpec({ template: { ...template, labels: { "a b": "c" } } }), /^template\.labels has "a b"/],
  ["a label's value", aSpec({ template: { ...template, labels: { a: "b c" } } }), /^template\.labels has "a=b c"/],
  [
    "a taint",
    aSpec({ template: { ...template, taints: [{ key: "a b", effect: "NoSchedule" }] } }),
    /^template\.taints has "a b"/,
  ],
  ["spot replacement without spotConfig", aSpec({ spotReplacement }), /AWSNodeClass workers has no spotConfig$/],
])("with own user data, too, a pool is invalid by %s", async (_, spec, message) => {
  expect(await observed(spec)).toMatchObject({ kind: "invalid", message: expect.stringMatching(message) });
});

test("spot replacement needs user data that does not power off", async () => {
  expect(await observed(aSpec({ spotReplacement }), { spotConfig })).toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(/set preWarm\.completionMode ControllerStop$/),
  });
  const controllerStop = aSpec({ spotReplacement, preWarm: { ...preWarm, completionMode: "ControllerStop" } });
  expect(await observed(controllerStop, { spotConfig })).toMatchObject({ kind: "ready" });
});
