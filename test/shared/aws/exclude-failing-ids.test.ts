import { describe, expect, it } from "vitest";
import { excludeFailingIds } from "../../../shared/aws/exclude-failing-ids.ts";
import { refusal } from "../reconcilers/fake-ec2.ts";

const ids = Array.from({ length: 40 }, (_, index) => `i-${String(index).padStart(8, "0")}`);

/** A call that fails as a whole if its ids include a bad one; `named` says whether the error names that id. */
const failingFor = (bad: readonly string[], named: boolean) => {
  const calls: number[] = [];
  const done: string[] = [];
  const call = async (batch: readonly string[]) => {
    calls.push(batch.length);
    const found = batch.find((id) => bad.includes(id));
    if (found !== undefined)
      throw Object.assign(refusal("IncorrectInstanceState"), named && { message: `${found}: no` });
    done.push(...batch);
  };
  return { call, calls, done };
};

const without = (bad: readonly string[]) => ids.filter((id) => !bad.includes(id));

describe("a call on many instances", () => {
  it("is one call if no instance fails", async () => {
    const { call, calls, done } = failingFor([], true);
    expect(await excludeFailingIds(ids, call)).toEqual(new Map());
    expect([calls, done]).toEqual([[40], ids]);
  });

  it("succeeds for all except the instances that errors name", async () => {
    const bad = ["i-00000003", "i-00000030"];
    const { call, calls, done } = failingFor(bad, true);
    expect([...(await excludeFailingIds(ids, call)).keys()]).toEqual(bad);
    expect([calls.length, done]).toEqual([3, without(bad)]);
  });

  it("isolates an instance that no error names by halving", async () => {
    const bad = ["i-00000030"];
    const { call, calls, done } = failingFor(bad, false);
    expect([...(await excludeFailingIds(ids, call)).keys()]).toEqual(bad);
    expect(done.toSorted()).toEqual(without(bad));
    expect(calls.length).toBeLessThan(16);
  });

  it.each(["RequestLimitExceeded", "UnauthorizedOperation", "InsufficientInstanceCapacity"])(
    "is not repeated for %s, which no instance causes",
    async (code) => {
      let calls = 0;
      const failed = await excludeFailingIds(ids, async () => {
        calls += 1;
        throw refusal(code);
      });
      expect([failed.size, calls]).toEqual([40, 1]);
    },
  );

  it("stops after a limited number of calls, and reports the rest as not called", async () => {
    const { call, calls, done } = failingFor(ids, true);
    const failed = await excludeFailingIds(ids, call);
    expect([failed.size, done, calls.length]).toEqual([40, [], 24]);
    expect(String(failed.get(ids[39] ?? ""))).toContain("not called");
  });
});
