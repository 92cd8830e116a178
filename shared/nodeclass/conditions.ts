/** The conditions of an AWSNodeClass. */
import type { Condition } from "../model/api/types.ts";
import { withTransitionTime } from "../model/kubernetes/conditions.ts";
import { isAboutAnOlderSpec, type READINESS } from "./launch-config.ts";
import { type Outcome, outcomesOf } from "./resolution.ts";
import type { NodeClassView, ValidationError } from "./view.ts";

type Verdict = Pick<Condition, "type" | "status" | "reason" | "message" | "observedGeneration">;

/** All conditions, always in the same order; `invalid` is the reason why the spec cannot be used, if there is one. */
export const conditionsOf = (view: NodeClassView, invalid: ValidationError | undefined): Condition[] => {
  const { resolution, pools } = view;
  const parts = [
    validity(view, invalid),
    lookedUp(view, "AMIReady", resolution.ami),
    lookedUp(view, "SubnetsReady", resolution.subnets),
    lookedUp(view, "SecurityGroupsReady", resolution.securityGroups),
    lookedUp(view, "InstanceProfileReady", resolution.instanceProfile),
  ];
  const inUse =
    pools.length > 0
      ? verdict(view, "InUse", true, "InUse", `used by NodePools ${pools.map(({ name }) => name).join(", ")}`)
      : verdict(view, "InUse", false, "NotInUse", "no NodePool refers to it");
  return [...parts, inUse, readiness(view, parts)].map((found) =>
    withTransitionTime(found, before(view, found.type), view.now),
  );
};

const verdict = (view: NodeClassView, type: string, status: boolean, reason: string, message: string): Verdict => ({
  type,
  status: status ? "True" : "False",
  reason,
  message,
  observedGeneration: view.nodeClass.metadata.generation,
});

const before = ({ nodeClass }: NodeClassView, type: string): Condition | undefined =>
  nodeClass.status?.conditions?.find((condition) => condition.type === type);

/** What was found invalid about this spec, if a lookup failed now without which it cannot be checked again. */
const uncheckedProblem = (view: NodeClassView): Condition | undefined => {
  const { instanceTypes, ami, subnets, securityGroups } = view.resolution;
  const known = before(view, "Valid");
  const isUnchecked = [instanceTypes, ami, subnets, securityGroups].some(({ kind }) => kind === "failed");
  if (!isUnchecked || known?.reason !== "ValidationFailed") return undefined;
  return isAboutAnOlderSpec(known, view.nodeClass.metadata.generation) ? undefined : known;
};

/** Valid requires the instance types from EC2; while that lookup fails, the previous condition stays. */
const validity = (view: NodeClassView, invalid: ValidationError | undefined): Verdict => {
  const { instanceTypes } = view.resolution;
  if (invalid) return verdict(view, "Valid", false, invalid.reason, invalid.message);
  const unchecked = uncheckedProblem(view);
  if (unchecked) return unchecked;
  return instanceTypes.kind === "resolved"
    ? verdict(view, "Valid", true, "Valid", "instances can be launched with this spec")
    : lookedUp(view, "Valid", instanceTypes);
};

const lookedUp = (view: NodeClassView, type: (typeof READINESS)[number], outcome: Outcome<unknown>): Verdict => {
  if (outcome.kind === "resolved") return verdict(view, type, true, "Resolved", "found in AWS");
  const known = before(view, type);
  if (outcome.kind === "failed" && known?.status === "True") return known;
  return verdict(view, type, false, outcome.reason, outcome.message);
};

/** False also if a condition is about an older spec: pools wait for results about the current one. */
const readiness = (view: NodeClassView, parts: readonly Verdict[]): Verdict => {
  const unmet = parts.find(({ status }) => status !== "True");
  if (unmet) return verdict(view, "Ready", false, unmet.reason, `${unmet.type}: ${unmet.message}`);
  const outdated = parts.find((part) => isAboutAnOlderSpec(part, view.nodeClass.metadata.generation));
  if (outdated) {
    const failures = outcomesOf(view.resolution).flatMap((outcome) =>
      outcome.kind === "failed" ? outcome.message : [],
    );
    const message = [`${outdated.type} is not known for this spec yet`, ...failures].join("; ");
    return verdict(view, "Ready", false, "ResolutionFailed", message);
  }
  return verdict(view, "Ready", true, "Resolved", "pools can launch instances of this class");
};
