/** The conditions of an AWSNodeClass. */
import type { Condition } from "../model/api/types.ts";
import { rfc3339 } from "../model/time.ts";
import { isAboutAnOlderSpec, type READINESS } from "./launch-config.ts";
import { type Outcome, outcomesOf } from "./resolution.ts";
import type { NodeClassView, ValidationError } from "./view.ts";

type Verdict = Pick<Condition, "type" | "status" | "reason" | "message" | "observedGeneration">;

/** All of them, always in the same order; `invalid` says why the spec cannot be used, if so. */
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
      ? verdict(view, "InUse", true, "InUse", `NodePools ${pools.map(({ name }) => name).join(", ")} refer to it`)
      : verdict(view, "InUse", false, "NotInUse");
  return [...parts, inUse, readiness(view, parts)].map((found) => withTransition(found, view));
};

const verdict = (view: NodeClassView, type: string, status: boolean, reason: string, message = ""): Verdict => ({
  type,
  status: status ? "True" : "False",
  reason,
  message,
  observedGeneration: view.nodeClass.metadata.generation,
});

const before = ({ nodeClass }: NodeClassView, type: string): Condition | undefined =>
  nodeClass.status?.conditions?.find((condition) => condition.type === type);

/** Valid is only what was checked; until EC2 has told of the types, what was known of this spec before stays. */
const validity = (view: NodeClassView, invalid: ValidationError | undefined): Verdict => {
  const { instanceTypes } = view.resolution;
  if (invalid) return verdict(view, "Valid", false, invalid.reason, invalid.message);
  return instanceTypes.kind === "resolved"
    ? verdict(view, "Valid", true, "Valid")
    : lookedUp(view, "Valid", instanceTypes);
};

const lookedUp = (view: NodeClassView, type: (typeof READINESS)[number], outcome: Outcome<unknown>): Verdict => {
  if (outcome.kind === "resolved") return verdict(view, type, true, "Resolved");
  const known = before(view, type);
  if (outcome.kind === "failed" && known?.status === "True") return known;
  return verdict(view, type, false, outcome.reason, outcome.message);
};

/** False for an older spec's answers, too: what pools wait for is an answer about this one. */
const readiness = (view: NodeClassView, parts: readonly Verdict[]): Verdict => {
  const open = parts.find(({ status }) => status !== "True");
  if (open) return verdict(view, "Ready", false, open.reason, `${open.type}: ${open.message}`);
  const old = parts.find((part) => isAboutAnOlderSpec(part, view.nodeClass.metadata.generation));
  if (old) {
    const failures = outcomesOf(view.resolution).flatMap((outcome) =>
      outcome.kind === "failed" ? outcome.message : [],
    );
    const message = [`${old.type} is not known for this spec yet`, ...failures].join("; ");
    return verdict(view, "Ready", false, "ResolutionFailed", message);
  }
  return verdict(view, "Ready", true, "Resolved");
};

/** A condition keeps its transition time for as long as its status stays the same. */
const withTransition = (found: Verdict, view: NodeClassView): Condition => {
  const known = before(view, found.type);
  const since = known?.status === found.status ? known.lastTransitionTime : rfc3339(view.now);
  return { ...found, lastTransitionTime: since };
};
