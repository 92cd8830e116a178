/** The AWS contract suites, which cover everything that Stratos relies on in AWS, on the simulated cloud. */
import { afterAll, beforeAll } from "vitest";
import type { Cloud } from "./cloud.ts";
import { startSimulatedCloud } from "./simulated-cloud.ts";
import { describeAws } from "./suites.ts";

let cloud: Promise<Cloud>;
beforeAll(async () => {
  cloud = startSimulatedCloud();
  await cloud;
});
afterAll(async () => (await cloud).stop());

describeAws("the simulator", () => cloud);
