/** What the conventions ask for and a program can check. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const ROOT = join(import.meta.dirname, "..");
const NOT_OURS = new Set(["node_modules", ".git", "build", "cdk.out", "coverage"]);
const PRODUCTION = ["functions", "shared", "forwarder", "infra", "crds"];
const PROGRAM = [...PRODUCTION, "local", "bench"];
const PURE = ["shared/pool", "shared/demand"];
const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 70;

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (NOT_OURS.has(entry.name)) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const isSource = (path: string): boolean => path.endsWith(".ts") && !path.endsWith(".gen.ts");
const isIn = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path.startsWith(folder + sep));

const allFiles = filesIn(".");
const sources = allFiles.filter(isSource);

interface Import {
  readonly specifier: string;
  /** Gone when the program runs. */
  readonly typeOnly: boolean;
}

const IMPORT =
  /^(?:import|export)\s+(type\s)?(?:[^;"']*?\sfrom\s+)?["']([^"']+)["'];?$|\bimport\(\s*["']([^"']+)["']/gm;

const importsOf = (path: string): Import[] =>
  [...read(path).matchAll(IMPORT)].map(([, type, specifier, dynamic]) => ({
    specifier: specifier ?? dynamic ?? "",
    typeOnly: type !== undefined,
  }));

const resolved = (path: string, specifier: string): string => relative(ROOT, join(ROOT, dirname(path), specifier));

const biome = (args: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const program = join(ROOT, "node_modules/.bin/biome");
    execFile(program, [...args], { cwd: ROOT, maxBuffer: 10_000_000 }, (error, stdout, stderr) => {
      // Exit code 1 means that something was found, which is what is asked for.
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

describe("the pure core", () => {
  /** Time, chance and surroundings; all of these must come in with the view. */
  const IMPURE =
    /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bcrypto\.|\bset(?:Timeout|Interval)\(/;

  /** All modules that these run with. */
  const closure = (paths: readonly string[]): string[] => {
    const seen = new Set<string>();
    const visit = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { specifier, typeOnly } of importsOf(path)) {
        if (!typeOnly && specifier.startsWith(".")) visit(resolved(path, specifier));
      }
    };
    for (const path of paths) visit(path);
    return [...seen];
  };
  const core = closure(sources.filter((path) => isIn(path, PURE)));

  test("is found", () => {
    expect(core).toContain("shared/pool/plan.ts");
    expect(core).toContain("shared/model/names.ts");
  });

  test("imports no SDK, no package and nothing of Node's", () => {
    const impure = core.flatMap((path) =>
      importsOf(path)
        .filter(({ specifier, typeOnly }) => !typeOnly && !specifier.startsWith("."))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(impure).toEqual([]);
  });

  test("reads no clock, no environment and no chance", () => {
    const impure = core.flatMap((path) =>
      (read(path).match(new RegExp(IMPURE, "g")) ?? []).map((it) => `${path}: ${it}`),
    );
    expect(impure).toEqual([]);
  });
});

test("what is deployed imports nothing of the embedded cloud and the tests", () => {
  const wrong = sources
    .filter((path) => isIn(path, PRODUCTION))
    .flatMap((path) =>
      importsOf(path)
        .filter(({ specifier }) => specifier.startsWith("."))
        .filter(({ specifier }) => isIn(resolved(path, specifier), ["local", "test", "bench"]))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
  expect(wrong).toEqual([]);
});

describe("text", () => {
  const TEXT = /\.(ts|json|ya?ml|md|sh|toml)$|(^|\/)(Dockerfile|LICENSE|run)$/;
  const texts = allFiles.filter((path) => TEXT.test(path) && path !== join("test", "tidy.test.ts"));
  const found = (pattern: RegExp, paths: readonly string[]): string[] =>
    paths.flatMap((path) => (read(path).match(pattern) ?? []).map((text) => `${path}: ${text}`));

  test("names no path of the machine that it was written on", () => {
    expect(found(/(?<![\w.])\/(?:work|root|home\/\w+)\/[\w./-]*/g, texts)).toEqual([]);
  });

  test("refers to nothing beside the checkout, but for .ci/run", () => {
    const others = texts.filter((path) => path !== join(".ci", "run"));
    expect(found(/\.\.\/shared\/(?:design|envtest)\S*/g, others)).toEqual([]);
  });

  test("names no package registry: npm's own configuration decides", () => {
    expect(found(/"resolved": "https?:[^"]*"/g, ["package-lock.json"])).toEqual([]);
  });

  test("leaves no work for later without saying where it is written down", () => {
    expect(found(/\b(?:TODO|FIXME|XXX)\b.*/g, texts.filter(isSource))).toEqual([]);
  });

  test("skips no test", () => {
    const tests = sources.filter((path) => path.endsWith(".test.ts"));
    expect(found(/\b(?:test|it|describe)\.(?:skip|only|todo)\b/g, tests)).toEqual([]);
  });
});

test("the linter, as it is configured here, catches a promise that nobody waits for", async () => {
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
