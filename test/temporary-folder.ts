import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders: string[] = [];

/** A new folder of the system's temporary one; it is gone when the test file is done. */
export const temporaryFolder = (purpose: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `stratos-${purpose}-`));
  folders.push(folder);
  return folder;
};

export const removeTemporaryFolders = (): void => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
};
