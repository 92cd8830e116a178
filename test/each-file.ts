/** Runs with each test file, of which several share their modules: a hook beside a helper would be set for the first one only. */
import { afterAll } from "vitest";
import { removeTemporaryFolders } from "./temporary-folder.ts";

afterAll(removeTemporaryFolders);
