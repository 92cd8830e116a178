import type { RecordChange } from "../../model/instance-record.ts";
import { isPoolState, type PoolState } from "../../model/instance-state.ts";
import type { KubeNode } from "../../model/kubernetes/objects.ts";
import { ANNOTATION, LABEL, TAG } from "../../model/names.ts";
import { type Action, latestBoot } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { isLiving, type Orphan } from "../view.ts";

/**
 * The state of an instance without a record: what its node label or else its tag says, corrected by what EC2 shows. The node label is
 * read first, because Stratos writes it before the tag.
 */
const adoptedState = (orphan: Orphan): PoolState => {
  const { tags, node, state } = orphan;
  if (!isLiving(orphan)) return "terminating";
  const said = [node?.metadata.labels?.[LABEL.state], tags[TAG.state]];
  if (said.includes("terminating")) return "terminating";
  const [last] = said.filter(isPoolState);
  if (state === "stopped") return last === "warmup" ? "warmup" : "standby";
  if (state === "stopping") return last === "warmup" ? "warmup" : "stopping";
  return last === undefined || last === "standby" ? "running" : last;
};

const timeOf = (node: KubeNode | undefined, annotation: string): number | undefined =>
  Date.parse(node?.metadata.annotations?.[annotation] ?? "") || undefined;

/** For a running instance: when it was started, whether it has been Ready since, and since when it has been empty. */
const timesInUse = ({ node, launchTime }: Orphan): RecordChange => {
  const isKnown = node?.metadata.labels?.[LABEL.state] === "running";
  const startedAt = (isKnown ? timeOf(node, ANNOTATION.lastStarted) : undefined) ?? launchTime;
  const wasReady = isKnown && timeOf(node, ANNOTATION.scaleUpStarted) === undefined;
  return {
    startedAt,
    readyAt: wasReady ? startedAt : undefined,
    emptySince: timeOf(node, ANNOTATION.scaleDownCandidateSince),
  };
};

/** When it entered its state; undefined if the node shows another state. */
const sinceWhen = ({ node }: Orphan, state: PoolState): number | undefined => {
  const { [LABEL.state]: said, [LABEL.stateSince]: seconds } = node?.metadata.labels ?? {};
  return said === state && Number(seconds) > 0 ? Number(seconds) * 1000 : undefined;
};

const saysStandby = ({ node }: Orphan): boolean => node?.metadata.labels?.[LABEL.state] === "standby";

const adopt = (orphan: Orphan): Action => {
  const state = adoptedState(orphan);
  return {
    kind: "adopt",
    orphan,
    state,
    since: sinceWhen(orphan, state),
    set: {
      nodeName: orphan.node?.metadata.name,
      warmedAt: timeOf(orphan.node, ANNOTATION.warmupCompleted),
      ...(state === "running" && timesInUse(orphan)),
      // Without it, an instance that was in use before it stopped has its pods looked at.
      ...(state === "standby" && saysStandby(orphan) && latestBoot({ ec2: orphan, node: orphan.node })),
    },
  };
};

const IN_USE: ReadonlySet<PoolState> = new Set(["running", "stopping", "terminating"]);

/**
 * Gives managed instances without a record a slot again, as after the loss of the table, those in use first. If there are more than `poolSize`, the
 * rest get slots beyond it: what is too much is decided like after a lowered `poolSize`, and pods leave first. A terminated one is adopted for its
 * node object, which is deleted with the record.
 */
export const adoptOrphans: Rule = (view) => {
  const adoptable = view.orphans.filter((orphan) => isLiving(orphan) || orphan.node !== undefined);
  const orphans = Map.groupBy(adoptable, (orphan) => IN_USE.has(adoptedState(orphan)));
  return [...(orphans.get(true) ?? []), ...(orphans.get(false) ?? [])].map(adopt);
};
