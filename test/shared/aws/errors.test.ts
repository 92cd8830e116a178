import { describe, expect, it } from "vitest";
import {
  isCapacityError,
  isDenied,
  isIdempotencyMismatch,
  isIncorrectState,
  isNotFound,
  isThrottled,
} from "../../../shared/aws/errors.ts";

const anError = (name: string) => Object.assign(new Error(name), { name });

const PREDICATES = { isCapacityError, isThrottled, isNotFound, isIdempotencyMismatch, isIncorrectState, isDenied };

const matchesOf = (error: unknown) =>
  Object.entries(PREDICATES).flatMap(([name, matches]) => (matches(error) ? [name] : []));

describe("AWS errors", () => {
  it.each([
    ["InsufficientInstanceCapacity", "isCapacityError"],
    ["VcpuLimitExceeded", "isCapacityError"],
    ["MaxSpotInstanceCountExceeded", "isCapacityError"],
    ["InsufficientFreeAddressesInSubnet", "isCapacityError"],
    ["RequestLimitExceeded", "isThrottled"],
    ["InvalidInstanceID.NotFound", "isNotFound"],
    ["IdempotentParameterMismatch", "isIdempotencyMismatch"],
    ["IncorrectInstanceState", "isIncorrectState"],
    ["UnauthorizedOperation", "isDenied"],
  ])("%s matches only %s", (name, predicate) => {
    expect(matchesOf(anError(name))).toEqual([predicate]);
  });

  it.each([anError("InternalError"), new Error("socket hang up"), "InsufficientInstanceCapacity", undefined])(
    "with unknown codes match nothing: %s",
    (error) => {
      expect(matchesOf(error)).toEqual([]);
    },
  );
});
