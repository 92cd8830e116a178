/** Conventions that a program can check: sizes, texts and the linter. See layers.test.ts and words.test.ts for the others. */
import { execFile } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { allFiles, ROOT, read, sources } from "./source-files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PROGRAM = ["functions", "shared", "forwarder", "infra", "cli", "crds", "local", "bench"];
const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;

const biome = (args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = join(ROOT, "node_modules/.bin/biome");
    execFile(program, [...args], { cwd: ROOT, maxBuffer: 10_000_000 }, (error, stdout, stderr) => {
      // Exit code 1 means that Biome has findings, and those are the result.
      if (error && error.code !== 1) reject(error);
      else resolve(stdout + stderr);
    });
  });

const configured = (configuration: unknown): string => {
  const folder = temporaryFolder("biome");
  writeFileSync(join(folder, "biome.json"), JSON.stringify(configuration));
  return folder;
};

describe("size", () => {
  test(`no file has more than ${MAX_FILE_LINES} lines`, () => {
    const long = sources.filter((path) => read(path).split("\n").length - 1 > MAX_FILE_LINES);
    expect(long).toEqual([]);
  });

  test(`no function of the program has more than ${MAX_FUNCTION_LINES} lines`, async () => {
    const options = { maxLines: MAX_FUNCTION_LINES, skipBlankLines: true };
    const rules = { recommended: false, complexity: { noExcessiveLinesPerFunction: { level: "error", options } } };
    const folder = configured({ linter: { rules }, formatter: { enabled: false }, assist: { enabled: false } });
    const folders = PROGRAM.filter((name) => existsSync(join(ROOT, name)));
    const report = await biome(["lint", `--config-path=${folder}`, "--max-diagnostics=none", ...folders]);
    expect(report).toContain("Checked");
    expect(report.match(/^\S+ lint\/complexity\/noExcessiveLinesPerFunction/gm) ?? []).toEqual([]);
  });
});

describe("text", () => {
  const TEXT = /\.(ts|json|ya?ml|md|sh|toml)$|(^|\/)(Dockerfile|LICENSE|run)$/;
  const texts = allFiles.filter((path) => TEXT.test(path) && path !== join("test", "tidy.test.ts"));
  const found = (pattern: RegExp, paths: readonly string[]): string[] =>
    paths.flatMap((path) => (read(path).match(pattern) ?? []).map((text) => `${path}: ${text}`));

  test("contains no absolute path of a developer's machine", () => {
    expect(found(/(?<![\w.])\/(?:work|root|home\/\w+)\/[\w./-]*/g, texts)).toEqual([]);
  });

  test("refers to nothing outside the checkout, except in .ci/run", () => {
    const others = texts.filter((path) => path !== join(".ci", "run"));
    expect(found(/\.\.\/shared\/(?:design|envtest)\S*/g, others)).toEqual([]);
  });

  test("names no package registry, because npm's configuration decides", () => {
    expect(found(/"resolved": "https?:[^"]*"/g, ["package-lock.json"])).toEqual([]);
  });

  test("contains no TODO, FIXME or XXX", () => {
    const code = texts.filter((path) => sources.includes(path));
    expect(found(/\b(?:TODO|FIXME|XXX)\b.*/g, code)).toEqual([]);
  });

  test("contains no skipped, focused or unfinished test", () => {
    const tests = sources.filter((path) => path.endsWith(".test.ts"));
    expect(found(/\b(?:test|it|describe)\.(?:skip|only|todo)\b/g, tests)).toEqual([]);
  });
});

test("the linter configuration catches a promise that is not awaited", async () => {
  const { vcs: _, ...configuration } = JSON.parse(read("biome.json"));
  const folder = configured({ ...configuration, $schema: undefined });
  const save = "const save = async (): Promise<void> => {};\n";
  writeFileSync(join(folder, "lost.ts"), `${save}export const run = (): void => {\n  save();\n};\n`);
  writeFileSync(
    join(folder, "kept.ts"),
    `${save}export const run = async (): Promise<void> => {\n  await save();\n};\n`,
  );
  const report = await biome(["lint", `--config-path=${folder}`, folder]);
  expect(report.match(/\w+\.ts:\d+:\d+ lint\/nursery\/noFloatingPromises/g)).toEqual([
    "lost.ts:3:3 lint/nursery/noFloatingPromises",
  ]);
});
