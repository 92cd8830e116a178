import type { BootPlan, Script } from "./boot-plan.ts";
import { readBottlerocket } from "./read-bottlerocket.ts";
import { readNodeConfig } from "./read-node-config.ts";
import { readScript } from "./read-script.ts";
import { readWarmup } from "./read-warmup.ts";

interface Part {
  readonly type: string;
  readonly body: string;
}

const NODE_CONFIG = "application/node.eks.aws";
const SHELL_SCRIPT = "text/x-shellscript";
const BOTTLEROCKET = "toml";

/** The type of a document from how it begins, like cloud-init. */
const typeOf = (text: string): string => {
  if (text.startsWith("#!")) return SHELL_SCRIPT;
  if (/^apiVersion:\s*node\.eks\.aws\//m.test(text)) return NODE_CONFIG;
  return /^\s*\[settings/m.test(text) ? BOTTLEROCKET : "";
};

const partOf = (text: string): Part => {
  const [head = "", ...rest] = text.replace(/^\r?\n/, "").split(/\r?\n\r?\n/);
  const [, type = ""] = /^content-type:\s*([^;\s]+)/im.exec(head) ?? [];
  const body = rest.join("\n\n").trim();
  const isEncoded = /^content-transfer-encoding:\s*base64\s*$/im.test(head);
  return { type: type.toLowerCase(), body: isEncoded ? Buffer.from(body, "base64").toString("utf8") : body };
};

const partsOf = (userData: string): Part[] => {
  const [, boundary] = /^content-type:\s*multipart\/[^;]+;\s*boundary="?([^"\r\n;]+)"?/im.exec(userData) ?? [];
  if (boundary === undefined) return [{ type: typeOf(userData), body: userData }];
  // Drops the preamble before the first part and the epilogue after `--boundary--`.
  return userData.split(`--${boundary}`).slice(1, -1).map(partOf);
};

const readAnyScript = (body: string): Script => {
  const plan = readWarmup(body);
  return plan ? { steps: [{ kind: "warmUp", plan }], inBackground: false } : readScript(body);
};

const settingsOf = ({ type, body }: Part) => {
  if (type === NODE_CONFIG) return readNodeConfig(body);
  return type === BOTTLEROCKET ? readBottlerocket(body) : undefined;
};

/** Parses user data: a script, nodeadm's NodeConfig, both as MIME parts, or Bottlerocket settings. */
export const readUserData = (userData: string): BootPlan => {
  const parts = partsOf(userData.trim());
  const scripts = parts.filter(({ type }) => type === SHELL_SCRIPT).map(({ body }) => readAnyScript(body));
  const service = parts.map(settingsOf).find((settings) => settings !== undefined);
  return { scripts, service };
};
