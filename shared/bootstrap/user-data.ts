/** The user data of a pool's new instances, or why there can be none. */
import type { PoolSpec } from "../api/defaults.ts";
import type { ClusterAddress } from "../kube/eks.ts";
import { labelsProblem, taintsProblem } from "./node-names.ts";
import { nodeSettingsOf, type TemplateSource } from "./node-settings.ts";
import { MAX_USER_DATA_BYTES, packUserData, renderTemplate, type UserData } from "./render.ts";

export type Rendering =
  | { readonly kind: "rendered"; readonly userData: UserData }
  /** Names the NodePool's field, what was found and what is allowed. */
  | { readonly kind: "invalid"; readonly message: string };

const specProblem = (
  template: TemplateSource["template"],
  { preWarm, template: node }: PoolSpec,
): string | undefined => {
  if (template === "Bottlerocket" && preWarm.completionMode === "SelfStop") {
    return (
      "preWarm.completionMode is SelfStop, but Bottlerocket has no shell to power itself off with: " +
      "set ControllerStop, or leave it out"
    );
  }
  return (
    labelsProblem(node.labels, "template.labels") ??
    taintsProblem(node.taints, "template.taints") ??
    taintsProblem(node.startupTaints, "template.startupTaints")
  );
};

/** `images` are those to have on the disk before the first stop. */
export const renderUserData = (
  source: TemplateSource,
  spec: PoolSpec,
  cluster: ClusterAddress,
  images: readonly string[],
): Rendering => {
  const problem = specProblem(source.template, spec);
  if (problem) return { kind: "invalid", message: problem };
  const text = renderTemplate(source, nodeSettingsOf(source, spec, cluster, images));
  const userData = packUserData(text);
  const bytes = userData.userDataIsGzip ? Buffer.from(userData.userData, "base64").length : Buffer.byteLength(text);
  if (bytes <= MAX_USER_DATA_BYTES) return { kind: "rendered", userData };
  const message =
    `the user data of bootstrapTemplate ${source.template} has ${Buffer.byteLength(text)} bytes, ${bytes} when compressed, but EC2 ` +
    `takes at most ${MAX_USER_DATA_BYTES}: shorten customUserData, or name fewer of the ${images.length} images`;
  return { kind: "invalid", message };
};
