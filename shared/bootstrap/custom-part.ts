/** A class's `customUserData` as a MIME part, for AL2 and AL2023. */
import type { MimePart } from "./mime.ts";

const MIME_HEADER = /^(?:mime-version|content-type):/i;
/** The first line that is not a comment is one of a NodeConfig. */
const NODE_CONFIG = /^(?:---\s*\n|#[^\n]*\n|\n)*(?:apiVersion:\s*node\.eks\.aws\/|kind:\s*NodeConfig\s*(?:\n|$))/;

/** Detects the type by the beginning of the text, like cloud-init; the default is a bash script. */
export const customPart = (custom: string): MimePart => {
  if (custom.startsWith("#!")) return { type: "text/x-shellscript", body: custom };
  if (custom.startsWith("#cloud-config")) return { type: "text/cloud-config", body: custom };
  if (NODE_CONFIG.test(custom)) return { type: "application/node.eks.aws", body: custom };
  return { type: "text/x-shellscript", body: `#!/bin/bash\n${custom}` };
};

/** The reason why `customUserData` cannot be a MIME part; undefined if it can. */
export const customPartProblem = (custom: string, template: "AL2" | "AL2023"): string | undefined => {
  const isNodeConfig = template === "AL2" && customPart(custom).type === "application/node.eks.aws";
  const nodeConfig = isNodeConfig ? "a NodeConfig, which AL2 does not read" : undefined;
  const found = MIME_HEADER.test(custom) ? "a whole MIME document" : nodeConfig;
  const allowed =
    template === "AL2" ? "a shell script or #cloud-config" : "a shell script, #cloud-config or a NodeConfig";
  return found && `customUserData is ${found}; with bootstrapTemplate ${template} it must be ${allowed}`;
};
