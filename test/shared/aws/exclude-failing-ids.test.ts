import { describe, expect, it } from "vitest";
import { excludeFailingIds } from "../../../shared/aws/exclude-failing-ids.ts";
import { refusal } from "../reconcilers/fake-ec2.ts";

const ids = Array.from({ length: 40 }, (_, index) => `i-${String(index).padStart(8, "0")}`);

/** A call that fails for all of them as long as one of these is among them; `named` says whether the error tells which. */
const spoiledBy = (bad: readonly string[], named: boolean) => {
  const calls: number[] = [];
  const done: string[] = [];
  const call = async (some: readonly string[]) => {
    calls.push(some.length);
    const found = some.find((id) => bad.includes(id));
    if (found !== undefined)
      throw Object.assign(refusal("IncorrectInstanceState"), named && { message: `${found}: no` });
    done.push(...some);
  };
  return { call, calls, done };
};

const without = (bad: readonly string[]) => ids.filter((id) => !bad.includes(id));

describe("a call on many instances", () => {
  it("is one call where nothing is in its way", async () => {
    const { call, calls, done } = spoiledBy([], true);
    expect(await excludeFailingIds(ids, call)).toEqual(new Map());
    expect([calls, done]).toEqual([[40], ids]);
  });

  it("goes through for all but those that its errors name", async () => {
    const bad = ["i-00000003", "i-00000030"];
    const { call, calls, done } = spoiledBy(bad, true);
    expect([...(await excludeFailingIds(ids, call)).keys()]).toEqual(bad);
    expect([calls.length, done]).toEqual([3, without(bad)]);
  });

  it("finds one that no error names by halves", async () => {
    const bad = ["i-00000030"];
    const { call, calls, done } = spoiledBy(bad, false);
    expect([...(await excludeFailingIds(ids, call)).keys()]).toEqual(bad);
    expect(done.toSorted()).toEqual(without(bad));
    expect(calls.length).toBeLessThan(16);
  });

  it.each(["RequestLimitExceeded", "UnauthorizedOperation", "InsufficientInstanceCapacity"])(
    "is not repeated for %s, which is about no instance",
    async (code) => {
      let calls = 0;
      const failed = await excludeFailingIds(ids, async () => {
        calls += 1;
        throw refusal(code);
      });
      expect([failed.size, calls]).toEqual([40, 1]);
    },
  );

  it("is given up where too many are in its way, and says so of the rest", async () => {
    const { call, calls, done } = spoiledBy(ids, true);
    const failed = await excludeFailingIds(ids, call);
    expect([failed.size, done, calls.length]).toEqual([40, [], 24]);
    expect(String(failed.get(ids[39] ?? ""))).toContain("not called");
  });
});
