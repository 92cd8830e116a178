/** The user data of a pool's new instances, or the reason why it cannot be rendered. */

import type { PoolSpec } from "../model/api/pool-spec.ts";
import type { ClusterAddress } from "../model/cluster-address.ts";
import type { TemplateSource, UserData } from "../model/launch-config.ts";
import { labelsProblem, taintsProblem } from "../scheduling/label-syntax.ts";
import { nodeSettingsOf } from "./node-settings.ts";
import { MAX_USER_DATA_BYTES, packUserData, renderTemplate } from "./render.ts";
import type { WarmupImages } from "./warmup-images.ts";

export type Rendering =
  | {
      readonly kind: "rendered";
      readonly userData: UserData;
      /** For an instance that serves immediately: the same, but it does not power itself off. */
      readonly servingUserData: UserData;
    }
  /** The message has the NodePool's field, the value found and what is allowed. */
  | { readonly kind: "invalid"; readonly message: string };

const specProblem = (
  template: TemplateSource["template"],
  { preWarm, template: node }: PoolSpec,
): string | undefined => {
  if (template === "Bottlerocket" && preWarm.completionMode === "SelfStop") {
    return (
      "preWarm.completionMode is SelfStop, but Bottlerocket has no shell and cannot power itself off: " +
      "set ControllerStop or remove the field"
    );
  }
  return nodeProblem(node);
};

/** What the API server would refuse of the pool's nodes, whoever writes their user data; undefined if there is nothing. */
export const nodeProblem = ({ labels, taints, startupTaints }: PoolSpec["template"]): string | undefined =>
  labelsProblem(labels, "template.labels") ??
  taintsProblem(taints, "template.taints") ??
  taintsProblem(startupTaints, "template.startupTaints");

const bytesOf = ({ userData, userDataIsGzip }: UserData): number =>
  Buffer.from(userData, userDataIsGzip ? "base64" : "utf8").length;

/** `images` are pulled before the first stop. */
export const renderUserData = (
  source: TemplateSource,
  spec: PoolSpec,
  cluster: ClusterAddress,
  images: WarmupImages,
): Rendering => {
  const problem = specProblem(source.template, spec);
  if (problem) return { kind: "invalid", message: problem };
  const settings = nodeSettingsOf(source, spec, cluster, images);
  const text = renderTemplate(source, settings);
  const userData = packUserData(text);
  const servingSettings = { ...settings, warmup: { ...settings.warmup, powersOff: false } };
  const servingUserData = packUserData(renderTemplate(source, servingSettings));
  const bytes = Math.max(bytesOf(userData), bytesOf(servingUserData));
  if (bytes <= MAX_USER_DATA_BYTES) return { kind: "rendered", userData, servingUserData };
  const message =
    `the user data of bootstrapTemplate ${source.template} has ${Buffer.byteLength(text)} bytes, ${bytes} when compressed, but EC2 ` +
    `allows at most ${MAX_USER_DATA_BYTES}: shorten customUserData or reduce the ${images.images.length + images.optionalImages.length} images`;
  return { kind: "invalid", message };
};
