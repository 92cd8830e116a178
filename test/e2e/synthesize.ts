import { synthesize } from "../../infra/synth.ts";

/** Synthesizes the stack and its bundles once for all end-to-end tests. */
export const setup = async (): Promise<void> => {
  await synthesize();
};
