import { isEqual, valueAt } from "../json-value.ts";
import { forbidden } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";
import type { Identity } from "./identity.ts";
import { forbiddenLabels } from "./kubelet-labels.ts";

const NODE_USER = "system:node:";
/** What the Node authorizer lets a kubelet do to its own node. Source: kubernetes, plugin/pkg/auth/authorizer/node. */
const OWN_NODE_VERBS = ["get", "create", "update", "patch"];

/** The name of the node whose kubelet this is. */
const nodeOf = ({ user, groups }: Identity): string | undefined =>
  user.startsWith(NODE_USER) && groups.includes("system:nodes") ? user.slice(NODE_USER.length) : undefined;

/** Whether the Node authorizer allows the request. A kubelet of this simulator uses the API for its node object only. */
export const isOwnNodeAccess = (identity: Identity, verb: string, group: string, plural: string): boolean =>
  nodeOf(identity) !== undefined && group === "" && plural === "nodes" && OWN_NODE_VERBS.includes(verb);

/**
 * The admission plugin NodeRestriction: a kubelet changes only its own node, and neither its taints nor labels that could attract other
 * workloads. Throws a 403. Source: kubernetes, plugin/pkg/admission/noderestriction/admission.go.
 */
export const restrictNode = (identity: Identity, node: KubeObject, before?: KubeObject): void => {
  const own = nodeOf(identity);
  if (own === undefined) return;
  const { name, labels = {} } = node.metadata;
  const refuse = (why: string) => forbidden("nodes", name, why);
  if (name !== own) throw refuse(`node "${own}" is not allowed to modify node "${name}"`);
  const old = before?.metadata.labels ?? {};
  const keys = [...new Set([...Object.keys(labels), ...Object.keys(old)])];
  const refused = forbiddenLabels(keys.filter((key) => labels[key] !== old[key]));
  if (!before) {
    if (refused.length === 0) return;
    throw refuse(`node "${own}" is not allowed to set the following labels: ${refused.join(", ")}`);
  }
  if (!isEqual(valueAt(node.spec, ["taints"]) ?? [], valueAt(before.spec, ["taints"]) ?? [])) {
    throw refuse(`node "${own}" is not allowed to modify taints`);
  }
  if (refused.length > 0) throw refuse(`is not allowed to modify labels: ${refused.join(", ")}`);
};
