/** Deliberate bugs in what EC2 is asked, and in how its answers are read. */
import type { Ec2 } from "../../../shared/aws/ec2.ts";
import { type Bug, ec2, MINUTE } from "./bug.ts";

export const EC2_BUGS = {
  "a list of instances is trusted for two minutes": ec2(({ describeInstances }, { clock }) => {
    let known: { readonly at: number; readonly list: ReturnType<Ec2["describeInstances"]> } | undefined;
    return {
      describeInstances: (filter) => {
        if (!("tags" in filter)) return describeInstances(filter);
        if (!known || clock.now() - known.at > 2 * MINUTE) known = { at: clock.now(), list: describeInstances(filter) };
        return known.list;
      },
    };
  }),
  "the state reason is ignored": ec2(
    ({ describeInstances }) => ({
      describeInstances: async (filter) =>
        (await describeInstances(filter)).map((instance) => ({ ...instance, stateReason: "" })),
    }),
    "undone starts",
  ),
  "a launch is repeated with another token": ec2(({ runInstances }) => {
    let calls = 0;
    return {
      runInstances: (spec) => {
        calls += 1;
        return runInstances({ ...spec, clientToken: calls > 1 ? `${spec.clientToken}-${calls}` : spec.clientToken });
      },
    };
  }),
  "instances are launched without tags": ec2(({ runInstances }) => ({
    runInstances: (spec) => runInstances({ ...spec, tags: { Name: "stratos" } }),
  })),
  "all instances of the account are the pool's": ec2(({ describeInstances }) => ({
    describeInstances: (filter) => describeInstances("tags" in filter ? { tags: {} } : filter),
  })),
  "a launch asks for one instance more": ec2(({ runInstances }) => ({
    runInstances: (spec) => runInstances({ ...spec, count: spec.count + 1 }),
  })),
  "a launch without an answer is repeated with another token": ec2(
    ({ runInstances }) => ({
      runInstances: (spec) =>
        runInstances(spec).catch(() => runInstances({ ...spec, clientToken: `${spec.clientToken}-again` })),
    }),
    "lost answers",
    "no capacity",
  ),
  "terminations are taken for done": ec2(() => ({ terminateInstances: async () => {} })),
  "stops are taken for done": ec2(() => ({ stopInstances: async () => {} })),
  "starts are taken for done": ec2(() => ({ startInstances: async () => {} })),
  "stopping instances are taken for stopped": ec2(
    ({ describeInstances }) => ({
      describeInstances: async (filter) =>
        (await describeInstances(filter)).map((instance) =>
          instance.state === "stopping" ? { ...instance, state: "stopped" } : instance,
        ),
    }),
    "slow stops",
  ),
} as const satisfies Readonly<Record<string, Bug>>;
