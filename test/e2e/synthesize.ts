import { synthesize } from "../../infra/synth.ts";

/** Once for all end-to-end tests: the stack and the bundles they run. */
export const setup = async (): Promise<void> => {
  await synthesize();
};
