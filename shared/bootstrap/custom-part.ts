/** A class's `customUserData` for AL2 and AL2023 as a part of the user data. */
import type { MimePart } from "./mime.ts";

const MIME_HEADER = /^(?:mime-version|content-type):/i;
/** Its first line that is no comment. */
const NODE_CONFIG = /^(?:---\s*\n|#[^\n]*\n|\n)*(?:apiVersion:\s*node\.eks\.aws\/|kind:\s*NodeConfig\s*(?:\n|$))/;

/** As cloud-init, it tells what a text is by how it begins; what begins like nothing else is a script for bash. */
export const customPart = (custom: string): MimePart => {
  if (custom.startsWith("#!")) return { type: "text/x-shellscript", body: custom };
  if (custom.startsWith("#cloud-config")) return { type: "text/cloud-config", body: custom };
  if (NODE_CONFIG.test(custom)) return { type: "application/node.eks.aws", body: custom };
  return { type: "text/x-shellscript", body: `#!/bin/bash\n${custom}` };
};

/** Why `customUserData` cannot be a part; undefined if it can. */
export const customPartProblem = (custom: string, template: "AL2" | "AL2023"): string | undefined => {
  const found = MIME_HEADER.test(custom) ? "a whole MIME document" : undefined;
  const isConfig = template === "AL2" && customPart(custom).type === "application/node.eks.aws";
  const what = found ?? (isConfig ? "a NodeConfig, which AL2 does not read" : undefined);
  const allowed =
    template === "AL2" ? "a shell script or #cloud-config" : "a shell script, #cloud-config or a NodeConfig";
  return what && `customUserData is ${what}; with bootstrapTemplate ${template} it must be ${allowed}`;
};
