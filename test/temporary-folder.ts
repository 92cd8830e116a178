import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** Creates a folder in the system's temporary folder; it is removed when the test file is done. */
export const temporaryFolder = (purpose: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `stratos-${purpose}-`));
  folders.push(folder);
  return folder;
};

export const removeTemporaryFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};
