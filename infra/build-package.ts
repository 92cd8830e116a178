/**
 * `npm pack` runs this first: writes what the package exports to `dist/`, as JavaScript with types, because Node strips no types below node_modules, and
 * the functions' bundles, so that a deployment needs no esbuild.
 */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { bundleFunctions } from "./bundle.ts";
import { ROOT } from "./functions.ts";

const run = promisify(execFile);
const DIST = join(ROOT, "dist");

await rm(DIST, { recursive: true, force: true });
await Promise.all([
  run(join(ROOT, "node_modules/.bin/tsc"), ["-p", "tsconfig.package.json"], { cwd: ROOT }),
  // The same place in the package as in the repository.
  bundleFunctions(join(DIST, "build/functions")),
]);
