import { describe, expect, it } from "vitest";
import { createAdmission } from "../../../../local/aws/lambda/admission.ts";

const admissionAt = (quota: number) => {
  let time = 0;
  const admission = createAdmission({ now: () => time }, quota);
  return {
    ...admission,
    pass: (ms: number) => {
      time += ms;
    },
  };
};

describe("Lambda admits", () => {
  it("as many invocations of all functions as the account's quota, and more when one ends", () => {
    const { enter } = admissionAt(2);
    const leave = enter("pool");
    enter("demand");
    expect(() => enter("pool")).toThrow("ConcurrentInvocationLimitExceeded");
    leave();
    expect(() => enter("demand")).not.toThrow();
  });

  it("no more invocations of a function than it reserved, and none of others in their place", () => {
    const { enter, reserve } = admissionAt(3);
    reserve("demand", 1);
    enter("demand");
    expect(() => enter("demand")).toThrow("ReservedFunctionConcurrentInvocationLimitExceeded");
    enter("pool");
    enter("pool");
    expect(() => enter("pool")).toThrow("TooManyRequestsException");
  });

  it("none of a throttled function, for a time", () => {
    const { enter, throttle, pass } = admissionAt(1000);
    throttle("pool", 5000);
    expect(() => enter("pool")).toThrow("TooManyRequestsException");
    expect(() => enter("demand")).not.toThrow();
    pass(5000);
    expect(() => enter("pool")).not.toThrow();
  });
});
