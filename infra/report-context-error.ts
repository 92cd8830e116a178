import { ContextError } from "./context-fields.ts";

/** Runs a program. If the context is invalid, prints only why, because a stack trace would not help its author; sets the exit code 1. */
export const reportContextError = async (program: () => Promise<void>): Promise<void> => {
  try {
    await program();
  } catch (error) {
    if (!(error instanceof ContextError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
};
