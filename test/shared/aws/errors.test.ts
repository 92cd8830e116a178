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

const KINDS = { isCapacityError, isThrottled, isNotFound, isIdempotencyMismatch, isIncorrectState, isDenied };

const kindsOf = (error: unknown) => Object.entries(KINDS).flatMap(([kind, holds]) => (holds(error) ? [kind] : []));

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
  ])("%s is of one kind", (name, kind) => {
    expect(kindsOf(anError(name))).toEqual([kind]);
  });

  it.each([anError("InternalError"), new Error("socket hang up"), "InsufficientInstanceCapacity", undefined])(
    "of no known kind are of none: %s",
    (error) => {
      expect(kindsOf(error)).toEqual([]);
    },
  );
});
