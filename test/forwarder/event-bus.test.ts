import { expect, test } from "vitest";
import { regionOfBus } from "../../forwarder/event-bus.ts";

test("a bus that is given by its ARN is called in its own region", () => {
  expect(regionOfBus("arn:aws:events:eu-west-1:123456789012:event-bus/stratos")).toBe("eu-west-1");
  expect(regionOfBus("stratos")).toBeUndefined();
});
