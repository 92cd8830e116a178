/** The project's files and what they import. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";

export const ROOT = join(import.meta.dirname, "..");
const IGNORED = new Set(["node_modules", ".git", "build", "cdk.out", "dist", "coverage"]);

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (IGNORED.has(entry.name)) return [];
    return entry.isDirectory() ? filesIn(path) : [path];
  });

/** Paths are relative to the root of the repository. */
export const allFiles = filesIn(".");
export const modules = allFiles.filter((path) => path.endsWith(".ts"));
/** Without the generated modules. */
export const sources = modules.filter((path) => !path.endsWith(".gen.ts"));

export const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

export const isIn = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => path === folder || path.startsWith(folder + sep));

const IMPORT =
  /^(?:import|export)\s+(?:[^;"']*?\sfrom\s+)?["']([^"']+)["'](?:\s+with\s+\{[^}]*\})?;?$|\bimport\(\s*["']([^"']+)["']/gm;

/** The specifiers of a module's imports and re-exports, type imports included. */
const importsOf = (path: string): string[] =>
  [...read(path).matchAll(IMPORT)].map(([, specifier, dynamic]) => specifier ?? dynamic ?? "");

const isRelative = (specifier: string): boolean => specifier.startsWith(".");

/** The project's files that a module imports. */
export const localImportsOf = (path: string): string[] =>
  importsOf(path)
    .filter(isRelative)
    .map((specifier) => relative(ROOT, join(ROOT, dirname(path), specifier)));

/** The packages and modules of Node.js that a module imports. */
export const packagesOf = (path: string): string[] => importsOf(path).filter((specifier) => !isRelative(specifier));
