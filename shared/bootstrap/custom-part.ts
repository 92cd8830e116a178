/** A class's `customUserData` as a MIME part, for AL2 and AL2023. */
import type { MimePart } from "./mime.ts";

const MIME_HEADER = /^(?:mime-version|content-type):/i;
/** Documents that cloud-init knows by their first line, but that cannot be one part among others here. Source: cloudinit.readthedocs.io, "User data formats". */
const REFUSED: readonly (readonly [start: RegExp, name: string])[] = [
  [MIME_HEADER, "a whole MIME document"],
  [/^#cloud-config-archive\b/, "a #cloud-config-archive"],
  [/^#cloud-boothook\b/, "a #cloud-boothook"],
  [/^#include(?:-once)?\b/, "an #include"],
  [/^#part-handler\b/, "a #part-handler"],
  [/^##\s*template:/, "a template"],
  [/^<(?:powershell|script)>/i, "a Windows script"],
];

const COMMENTS = /^(?:\s*(?:#[^\n]*)?\n)+/;
const withoutComments = (text: string): string => text.replace(COMMENTS, "");

/** A YAML document whose first key is one of a Kubernetes object, with nodeadm's API group or kind at its top level. */
const isYamlNodeConfig = (text: string): boolean => {
  const document = withoutComments(withoutComments(`${text}\n`).replace(/^---[^\n]*\n/, ""));
  return (
    /^(["']?)(?:apiVersion|kind|metadata|spec)\1\s*:/.test(document) &&
    /^(["']?)(?:apiVersion\1\s*:\s*["']?node\.eks\.aws\/|kind\1\s*:\s*["']?NodeConfig["']?\s*$)/m.test(document)
  );
};

const isJsonNodeConfig = (text: string): boolean => {
  try {
    return String(JSON.parse(text)?.apiVersion).startsWith("node.eks.aws/");
  } catch {
    return false;
  }
};

/** Base64 of anything that this or cloud-init recognizes, gzip included. */
const isBase64 = (text: string): boolean => {
  if (!/^[A-Za-z0-9+/\s]+=*\s*$/.test(text)) return false;
  const decoded = Buffer.from(text, "base64");
  return (
    decoded.subarray(0, 2).equals(GZIP) ||
    /^(?:#|---|apiVersion:)/.test(decoded.toString()) ||
    MIME_HEADER.test(decoded.toString())
  );
};
const GZIP = Buffer.from([0x1f, 0x8b]);

/** Detects the type by content, since cloud-init would look at the first line only; the default is a bash script. */
export const customPart = (custom: string): MimePart => {
  if (custom.startsWith("#!")) return { type: "text/x-shellscript", body: custom };
  if (isJsonNodeConfig(custom) || isYamlNodeConfig(custom)) return { type: "application/node.eks.aws", body: custom };
  const trimmed = custom.trimStart();
  if (trimmed.startsWith("#!")) return { type: "text/x-shellscript", body: trimmed };
  if (/^#cloud-config\b(?!-)/.test(trimmed)) return { type: "text/cloud-config", body: trimmed };
  return { type: "text/x-shellscript", body: `#!/bin/bash\n${custom}` };
};

const refusedKind = (custom: string): string | undefined => {
  const starts = [custom.trimStart(), withoutComments(custom)];
  return isBase64(custom) ? "base64" : REFUSED.find(([start]) => starts.some((text) => start.test(text)))?.[1];
};

/** The reason why `customUserData` cannot be a MIME part; undefined if it can. */
export const customPartProblem = (custom: string, template: "AL2" | "AL2023"): string | undefined => {
  const isNodeConfig = template === "AL2" && customPart(custom).type === "application/node.eks.aws";
  const found = refusedKind(custom) ?? (isNodeConfig ? "a NodeConfig, which AL2 does not read" : undefined);
  const allowed =
    template === "AL2" ? "a shell script or #cloud-config" : "a shell script, #cloud-config or a NodeConfig";
  return found && `customUserData is ${found}; with bootstrapTemplate ${template} it must be ${allowed}`;
};
