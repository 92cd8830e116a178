import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { type Bundle, bundleFunction, FUNCTION_NAMES, ROOT } from "../../infra/bundle.ts";
import { withPlainKeys } from "../../infra/inline-schema-names.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Import time grows with size, and pods wait for cold starts. The largest bundle today is nodeclass, with four more service clients. */
const MAX_BYTES = 700_000;
/** Would be 888 KB with all operations, if the schemas of unused ones were not dropped. */
const MAX_EC2_BYTES = 100_000;

describe("bundles of the functions", () => {
  let bundles: Bundle[] = [];

  beforeAll(async () => {
    const folder = temporaryFolder("bundles");
    bundles = await Promise.all(
      FUNCTION_NAMES.map((name) =>
        bundleFunction(name, join(ROOT, `functions/${name}/handler.ts`), join(folder, name, "index.mjs")),
      ),
    );
  });

  test("load without other files and export their handler", async () => {
    const environment = { AWS_REGION: "us-east-1", STRATOS_TABLE_NAME: "state", STRATOS_CLUSTERS: '[{"name":"a"}]' };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const kind of ["DEMAND", "POOL", "NODECLASS"])
      vi.stubEnv(`STRATOS_${kind}_QUEUE_URL`, "http://127.0.0.1/queue");
    for (const { file } of bundles) {
      expect(await import(pathToFileURL(file).href)).toHaveProperty("handler", expect.any(Function));
    }
    vi.unstubAllEnvs();
  });

  test("do not use require, which ES modules do not have", () => {
    for (const { file } of bundles) expect(readFileSync(file, "utf8")).not.toContain("Dynamic require of");
  });

  test("stay small", () => {
    const large = bundles.filter(({ bytes }) => bytes > MAX_BYTES).map(({ name, bytes }) => `${name}: ${bytes}`);
    expect(large).toEqual([]);
  });

  test("contain only the used parts of the EC2 client", () => {
    for (const { metafile, name } of bundles) {
      const inputs = Object.entries(Object.values(metafile.outputs)[0]?.inputs ?? {});
      const ec2 = inputs.filter(([path]) => path.includes("@aws-sdk/client-ec2/"));
      const bytes = ec2.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
      expect(bytes, name).toBeLessThan(MAX_EC2_BYTES);
    }
  });
});

describe("schema names", () => {
  test("replace computed keys", () => {
    const source = 'const _a = "alpha";\nexport var X = [3, { [_a]: 1, [_a]: _a }];';
    expect(withPlainKeys(source)).toBe('const _a = "alpha";\nexport var X = [3, { "alpha": 1, "alpha": _a }];');
  });

  test("do not replace keys that are not module constants", () => {
    const source = "export var X = { [_b]: 1, [other]: 2 };";
    expect(withPlainKeys(source)).toBe(source);
  });
});
