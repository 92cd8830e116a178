import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const common = {
  setupFiles: "test/each-file.ts",
  // Files that run in one process share its modules, which are expensive to load and hold no state between tests.
  isolate: false,
  maxWorkers: availableParallelism(),
  // There are many threads with little memory each: they collect garbage seldom, and without helper threads that compete for few cores.
  execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=16", "--single-threaded-gc"],
};

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...common,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/contract/**", "test/infra/**"],
          // Minutes of virtual time take seconds, and longer on a machine that does other work.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: "infra",
          include: ["test/infra/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...common,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/synthesize.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: "contract",
          setupFiles: "test/each-file.ts",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Each starts servers of its own; more at once than a small machine has cores would only wait for one another.
          maxWorkers: 2,
        },
      },
    ],
  },
});
