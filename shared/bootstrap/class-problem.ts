/** Validates a class's template settings, independent of the pool. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";
import { labelsProblem, taintsProblem } from "../scheduling/label-syntax.ts";
import { bottlerocketCustomProblem } from "./bottlerocket.ts";
import { customPartProblem } from "./custom-part.ts";
import { mayKubeletSet } from "./kubelet-labels.ts";

/** The kubelet's arguments pass through an environment file and, on AL2, a systemd unit, which do not support quoting. */
const ARGUMENT = /^--[a-z0-9-]+(=[!-~]*)?$/;
const UNQUOTABLE = /["'\\$`]/;
/** Arguments that Stratos sets, each with the field to use instead. */
const RESERVED_ARGUMENTS: Readonly<Record<string, string>> = {
  "--node-labels": "kubelet.nodeLabels",
  "--register-with-taints": "kubelet.nodeTaints",
  "--max-pods": "kubelet.maxPods",
};

const argumentProblem = (argument: string): string | undefined => {
  const [name = ""] = argument.split("=");
  if (Object.hasOwn(RESERVED_ARGUMENTS, name)) {
    return `kubelet.extraArgs has ${name}; set ${RESERVED_ARGUMENTS[name]} instead`;
  }
  return ARGUMENT.test(argument) && !UNQUOTABLE.test(argument)
    ? undefined
    : `kubelet.extraArgs has ${JSON.stringify(argument)}, but an argument must be --name or --name=value in ASCII, without spaces, quotes, backslashes, $ and \``;
};

const kubeletProblem = ({ bootstrapTemplate, kubelet = {} }: AWSNodeClassSpec): string | undefined => {
  const { nodeLabels = {}, nodeTaints = [], extraArgs = [] } = kubelet;
  if (bootstrapTemplate === "Bottlerocket" && extraArgs.length > 0) {
    return "kubelet.extraArgs is set, but Bottlerocket's kubelet takes no arguments: use [settings.kubernetes] in customUserData";
  }
  const forbidden = Object.keys(nodeLabels).find((key) => !mayKubeletSet(key));
  if (forbidden) {
    return `kubelet.nodeLabels has ${forbidden}, which a kubelet may not set itself: move it to the NodePool's template.labels`;
  }
  return (
    labelsProblem(nodeLabels, "kubelet.nodeLabels") ??
    taintsProblem(nodeTaints, "kubelet.nodeTaints") ??
    extraArgs.map(argumentProblem).find((problem) => problem !== undefined)
  );
};

/** The first problem, with the field, the value found and what is allowed; undefined if there is none. */
export const templateProblem = (spec: AWSNodeClassSpec): string | undefined => {
  const { bootstrapTemplate: template, customUserData: custom } = spec;
  if (template === undefined) return undefined;
  if (spec.metadataOptions?.httpEndpoint === "disabled") {
    return `metadataOptions.httpEndpoint is disabled, but nodes with bootstrapTemplate ${template} need the metadata service to join: enable it`;
  }
  const customProblem =
    custom && (template === "Bottlerocket" ? bottlerocketCustomProblem(custom) : customPartProblem(custom, template));
  return customProblem || kubeletProblem(spec);
};
