/** Setup file of every test file. Files share their modules, so a hook in a helper module would run only for the first file. */
import { afterAll } from "vitest";
import { removeTemporaryFolders } from "./temporary-folder.ts";

afterAll(removeTemporaryFolders);
