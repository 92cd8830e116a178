import { ConfigurationError } from "./configuration-fields.ts";

/** Runs a program. If the context is invalid, prints only why, because a stack trace would not help its author; sets the exit code 1. */
export const reportConfigurationError = async (program: () => Promise<void>): Promise<void> => {
  try {
    await program();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`context ${error.message}\n`);
    process.exitCode = 1;
  }
};
