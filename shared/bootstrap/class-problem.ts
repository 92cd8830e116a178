/** Why a class's template cannot be filled in, whatever pool it is for. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import { labelsProblem, taintsProblem } from "../scheduling/label-syntax.ts";
import { bottlerocketCustomProblem } from "./bottlerocket.ts";
import { customPartProblem } from "./custom-part.ts";
import { mayKubeletSet } from "./kubelet-labels.ts";

/** Kubelet's arguments pass through an environment file and, on AL2, a systemd unit, which take no quoting. */
const ARGUMENT = /^--[a-z0-9-]+(=[!-~]*)?$/;
const UNQUOTABLE = /["'\\$`]/;
/** What Stratos writes itself, and by which field it is asked for. */
const OWN_ARGUMENTS: Readonly<Record<string, string>> = {
  "--node-labels": "kubelet.nodeLabels",
  "--register-with-taints": "kubelet.nodeTaints",
  "--max-pods": "kubelet.maxPods",
};

const argumentProblem = (argument: string): string | undefined => {
  const [name = ""] = argument.split("=");
  if (Object.hasOwn(OWN_ARGUMENTS, name)) return `kubelet.extraArgs has ${name}; set ${OWN_ARGUMENTS[name]} instead`;
  return ARGUMENT.test(argument) && !UNQUOTABLE.test(argument)
    ? undefined
    : `kubelet.extraArgs has ${JSON.stringify(argument)}, but an argument is --name or --name=value in ASCII, without spaces, quotes, backslashes, $ and \``;
};

const kubeletProblem = ({ bootstrapTemplate, kubelet = {} }: AWSNodeClassSpec): string | undefined => {
  const { nodeLabels = {}, nodeTaints = [], extraArgs = [] } = kubelet;
  if (bootstrapTemplate === "Bottlerocket" && extraArgs.length > 0) {
    return "kubelet.extraArgs is set, but Bottlerocket's kubelet takes no arguments: use [settings.kubernetes] in customUserData";
  }
  const refused = Object.keys(nodeLabels).find((key) => !mayKubeletSet(key));
  if (refused) {
    return `kubelet.nodeLabels has ${refused}, which a kubelet may not set itself: move it to the NodePool's template.labels`;
  }
  return (
    labelsProblem(nodeLabels, "kubelet.nodeLabels") ??
    taintsProblem(nodeTaints, "kubelet.nodeTaints") ??
    extraArgs.map(argumentProblem).find((problem) => problem !== undefined)
  );
};

/** Names the field, what was found and what is allowed; undefined for a class that its template can take. */
export const templateProblem = (spec: AWSNodeClassSpec): string | undefined => {
  const { bootstrapTemplate: template, customUserData: custom } = spec;
  if (template === undefined) return undefined;
  if (spec.metadataOptions?.httpEndpoint === "disabled") {
    return `metadataOptions.httpEndpoint is disabled, but a node of bootstrapTemplate ${template} needs the metadata service to join: enable it`;
  }
  const customProblem =
    custom && (template === "Bottlerocket" ? bottlerocketCustomProblem(custom) : customPartProblem(custom, template));
  return customProblem || kubeletProblem(spec);
};
