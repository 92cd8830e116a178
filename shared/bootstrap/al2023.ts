/** User data of Amazon Linux 2023: nodeadm's NodeConfig, the class's own part, and the warmup, which cloud-init runs. */

import { customPart } from "./custom-part.ts";
import { type MimePart, renderMime } from "./mime.ts";
import { type NodeSettings, nodeLabelsArg } from "./node-settings.ts";
import { warmupScript } from "./warmup-script.ts";

const NOT_ASCII = /[^\0-\x7f]/gu;

/** Beyond the basic plane YAML has an escape of its own, and does not take JSON's two halves. */
const yamlEscape = (character: string): string => {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length <= 4 ? `\\u${code.padStart(4, "0")}` : `\\U${code.padStart(8, "0")}`;
};

/** JSON is YAML too, and nothing in a JSON string can end it. ASCII, because older nodeadm does not decode parts that are base64. */
const toYaml = (value: unknown): string => JSON.stringify(value, null, 2).replace(NOT_ASCII, yamlEscape);

/**
 * Source: awslabs.github.io/amazon-eks-ami/nodeadm/doc/api. DNS address, provider id, reserved resources and the limit of pods
 * are nodeadm's to find.
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

/** nodeadm merges NodeConfigs in their order, so the class's own can change what stands before it. */
export const al2023UserData = (settings: NodeSettings, custom: string | undefined): string =>
  renderMime([
    nodeConfig(settings),
    ...(custom === undefined ? [] : [customPart(custom)]),
    { type: "text/x-shellscript", body: warmupScript(settings) },
  ]);
