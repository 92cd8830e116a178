import type { TestProject } from "vitest/node";
import { synthesize } from "../../infra/synth.ts";
import { assertLeastPrivilege } from "./least-privilege.ts";
import { forgetPermissionUse, readPermissionUse } from "./permission-use.ts";

/** Whether every end-to-end test has run and passed; only all of them together use what is granted. */
const isComplete = async (project: TestProject): Promise<boolean> => {
  const { testFiles } = await project.globTestFiles();
  const ran = project.vitest.state.getFiles().filter(({ projectName }) => projectName === project.name);
  const isWhole = project.vitest.config.testNamePattern === undefined && ran.length === testFiles.length;
  return isWhole && ran.every(({ result }) => result?.state === "pass");
};

/** Synthesizes the stack and its bundles once for all end-to-end tests; afterwards compares what is granted with what they have used. */
export default async (project: TestProject): Promise<() => Promise<void>> => {
  forgetPermissionUse();
  await synthesize();
  return async () => {
    if (await isComplete(project)) assertLeastPrivilege(readPermissionUse());
  };
};
