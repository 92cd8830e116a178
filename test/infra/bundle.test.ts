import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Bundle, bundleFunction } from "../../infra/bundle.ts";
import { FUNCTION_NAMES, ROOT } from "../../infra/functions.ts";
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
        bundleFunction(name, join(ROOT, `functions/${name}/handler.ts`), join(folder, name, "index.cjs")),
      ),
    );
  });

  /** What loading a bundle prints with `script`, where `bundle` is what it exports. */
  const load = (file: string, script: string): string => {
    const queues = ["DEMAND", "POOL", "NODECLASS"].map((kind) => [
      `STRATOS_${kind}_QUEUE_URL`,
      "http://127.0.0.1/queue",
    ]);
    const env = {
      AWS_REGION: "us-east-1",
      STRATOS_TABLE_NAME: "state",
      STRATOS_CLUSTERS: '[{"name":"a"}]',
      ...Object.fromEntries(queues),
    };
    const code = `const bundle = require(process.argv[1]); console.log(${script})`;
    return execFileSync(process.execPath, ["-e", code, file], { env, encoding: "utf8" });
  };

  test("load without other files and export their handler", () => {
    for (const { file } of bundles) expect(load(file, "typeof bundle.handler")).toBe("function\n");
  });

  test("load nothing of Node that they do not use, neither at once nor later", () => {
    for (const { file } of bundles) {
      const loaded = load(file, "process.moduleLoadList.join()");
      expect(loaded).toContain("NativeModule https,");
      expect(loaded).not.toContain("undici/undici");
      expect(readFileSync(file, "utf8")).not.toMatch(/\bimport\(/);
    }
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
