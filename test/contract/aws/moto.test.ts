/** The AWS contract suites on moto, an independent implementation. */
import { afterAll, beforeAll } from "vitest";
import type { Cloud } from "./cloud.ts";
import { startMotoCloud } from "./moto-cloud.ts";
import { describeAws } from "./suites.ts";

const START_LIMIT_MS = 90_000;

let cloud: Promise<Cloud>;
beforeAll(async () => {
  cloud = startMotoCloud();
  await cloud;
}, START_LIMIT_MS);
afterAll(async () => (await cloud).stop());

describeAws("moto", () => cloud);
