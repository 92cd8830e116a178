import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readMetrics } from "../../../local/aws/lambda/emf.ts";

const MODULE = new URL("../../../shared/telemetry/telemetry.ts", import.meta.url).href;

/** The output lines of a process with its own `telemetry`: CloudWatch sees nothing else. */
const linesOf = (program: string): string[] => {
  const source = `import { createTelemetry } from ${JSON.stringify(MODULE)};
    const telemetry = createTelemetry("pool");
    ${program}`;
  const { POWERTOOLS_DEV: _, ...env } = process.env;
  const options = { env, encoding: "utf8", timeout: 20_000 } as const;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", source], options);
  return `${stdout}${stderr}`.trim().split("\n");
};

describe("metrics", () => {
  it("have the given dimensions plus their labels, and no others", () => {
    const lines = linesOf(`
      const dimensions = { Cluster: "c", Pool: "p" };
      telemetry.recordMetric("poolSize", 7, dimensions);
      telemetry.recordMetric("nodes", 3, dimensions, { state: "standby" });
      telemetry.recordMetric("nodes", 1, dimensions, { state: "running" });`);
    expect(lines.flatMap(readMetrics)).toMatchObject([
      { namespace: "Stratos", name: "PoolSize", unit: "Count", values: [7] },
      { name: "Nodes", values: [3] },
      { name: "Nodes", values: [1] },
    ]);
    expect(lines.flatMap(readMetrics).map(({ dimensions }) => dimensions)).toEqual([
      { Cluster: "c", Pool: "p" },
      { Cluster: "c", Pool: "p", State: "standby" },
      { Cluster: "c", Pool: "p", State: "running" },
    ]);
  });
});

describe("the log", () => {
  it("is JSON with the given fields, and includes an error's cause", () => {
    const [line = ""] = linesOf(`
      const error = new Error("starting i-1", { cause: new Error("no capacity") });
      telemetry.log.error("reconcile failed", { key: "c/p", error });`);
    expect(JSON.parse(line)).toMatchObject({
      level: "ERROR",
      message: "reconcile failed",
      service: "pool",
      key: "c/p",
      error: { message: "starting i-1", cause: { message: "no capacity" } },
    });
  });
});
