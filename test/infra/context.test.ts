import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../../infra/functions.ts";
import { anApp } from "./synthesized.ts";

/** A program like infra/app.ts that only reads the context, because loading the CDK takes long. */
const program = (clusters: string) => `
  import { readDeployment } from ${JSON.stringify(join(ROOT, "infra/deployment.ts"))};
  import { reportConfigurationError } from ${JSON.stringify(join(ROOT, "infra/report-configuration-error.ts"))};
  await reportConfigurationError(async () => void readDeployment(${JSON.stringify(clusters)}));`;

const readContext = (clusters: string): Promise<{ failed: boolean; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "-e", program(clusters)], (error, _, stderr) =>
      resolve({ failed: error !== null, stderr }),
    );
  });

test("an invalid context makes a program fail with the message alone", async () => {
  const { failed, stderr } = await readContext('[{"name": 5}]');
  expect(failed).toBe(true);
  expect(stderr).toMatch(/^context clusters\[0\]\.name: found 5; allowed: the name of an EKS cluster.*\n$/);
});

describe("cdk.json", () => {
  test("sets every feature flag of the CDK, so that the CLI has nothing to say about them", () => {
    const { context } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8"));
    const { artifacts = {} } = anApp().synth().manifest;
    const flags = Object.values(artifacts).find(({ type }) => type === "cdk:feature-flag-report")?.properties as {
      flags: Record<string, { recommendedValue: unknown; unconfiguredBehavesLike?: { v2?: unknown } }>;
    };
    const unset = Object.entries(flags.flags)
      .filter(([, { recommendedValue, unconfiguredBehavesLike: { v2 = false } = {} }]) => v2 !== recommendedValue)
      .filter(([name]) => !(name in context));
    expect(unset.map(([name]) => name)).toEqual([]);
  });
});
