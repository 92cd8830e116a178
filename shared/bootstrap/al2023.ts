/** User data for Amazon Linux 2023: nodeadm's NodeConfig, the class's custom part, and the warmup script, which cloud-init runs. */

import { customPart } from "./custom-part.ts";
import { type MimePart, renderMime } from "./mime.ts";
import { type NodeSettings, nodeLabelsArg } from "./node-settings.ts";
import { warmupScript } from "./warmup-script.ts";

const NOT_ASCII = /[^\0-\x7f]/gu;

/** Beyond the Basic Multilingual Plane, YAML has its own escape and does not accept JSON's surrogate pairs. */
const yamlEscape = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
};

/** JSON is valid YAML, and a JSON string cannot be broken out of. ASCII only, because older nodeadm does not decode base64 parts. */
const toYaml = (value: unknown): string => JSON.stringify(value, null, 2).replace(NOT_ASCII, yamlEscape);

/**
 * Source: awslabs.github.io/amazon-eks-ami/nodeadm/doc/api. nodeadm itself determines the DNS address, provider id, reserved resources
 * and default pod limit.
 */
const nodeConfig = ({ cluster, labels, taints, maxPods, kubeletArgs }: NodeSettings): MimePart => {
  const { name, endpoint, certificateAuthority, serviceCidr } = cluster;
  const spec = {
    cluster: { name, apiServerEndpoint: endpoint, certificateAuthority, cidr: serviceCidr },
    kubelet: {
      config: { ...(maxPods !== undefined && { maxPods }), registerWithTaints: taints },
      flags: [nodeLabelsArg(labels), ...kubeletArgs],
    },
  };
  const body = toYaml({ apiVersion: "node.eks.aws/v1alpha1", kind: "NodeConfig", spec });
  return { type: "application/node.eks.aws", body: `---\n${body}\n` };
};

/** nodeadm merges NodeConfigs in order, so a NodeConfig of the class can override the first one. */
export const al2023UserData = (settings: NodeSettings, custom: string | undefined): string =>
  renderMime([
    nodeConfig(settings),
    ...(custom === undefined ? [] : [customPart(custom)]),
    { type: "text/x-shellscript", body: warmupScript(settings) },
  ]);
