import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/contract/**", "test/infra/**"],
          // Minutes of virtual time take seconds, and longer on a machine that does other work.
          testTimeout: 30_000,
        },
      },
      { test: { name: "infra", include: ["test/infra/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: "test/e2e/synthesize.ts",
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Each runs a cloud of its own; more at once than a small machine has cores would only wait for one another.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // As above: each starts servers of its own.
          maxWorkers: 2,
        },
      },
    ],
  },
});
