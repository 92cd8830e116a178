import type { RecordChange } from "../../model/instance-record.ts";
import { isPoolState, type PoolState } from "../../model/instance-state.ts";
import type { KubeNode } from "../../model/kubernetes/objects.ts";
import { ANNOTATION, LABEL, TAG } from "../../model/names.ts";
import type { Action } from "../actions.ts";
import { allInstances, livingStrays, type Rule, type Stray } from "../view.ts";

/**
 * What an instance without a record must be, from what its node or, failing that, its tag says, corrected by its present state. The
 * node is written first, so it is the more recent of both.
 */
const adoptedState = ({ tags, node, state }: Stray): PoolState => {
  const said = [node?.metadata.labels?.[LABEL.state], tags[TAG.state]];
  if (said.includes("terminating")) return "terminating";
  const [last] = said.filter(isPoolState);
  if (state === "stopped") return last === "warmup" ? "warmup" : "standby";
  if (state === "stopping") return last === "warmup" ? "warmup" : "stopping";
  return last === undefined || last === "standby" ? "running" : last;
};

const timeOf = (node: KubeNode | undefined, annotation: string): number | undefined =>
  Date.parse(node?.metadata.annotations?.[annotation] ?? "") || undefined;

/** Of an instance that runs: when it was started, whether it was Ready since, and whether it was found empty. */
const timesInUse = ({ node, launchTime }: Stray): RecordChange => {
  const isKnown = node?.metadata.labels?.[LABEL.state] === "running";
  const startedAt = (isKnown ? timeOf(node, ANNOTATION.lastStarted) : undefined) ?? launchTime;
  const wasReady = isKnown && timeOf(node, ANNOTATION.scaleUpStarted) === undefined;
  return {
    startedAt,
    readyAt: wasReady ? startedAt : undefined,
    emptySince: timeOf(node, ANNOTATION.scaleDownCandidateSince),
  };
};

/** When it entered its state, if that is what the node still says. */
const sinceWhen = ({ node }: Stray, state: PoolState): number | undefined => {
  const { [LABEL.state]: said, [LABEL.stateSince]: seconds } = node?.metadata.labels ?? {};
  return said === state && Number(seconds) > 0 ? Number(seconds) * 1000 : undefined;
};

const adopt = (stray: Stray): Action => {
  const state = adoptedState(stray);
  return {
    kind: "adopt",
    stray,
    state,
    since: sinceWhen(stray, state),
    set: {
      nodeName: stray.node?.metadata.name,
      warmedAt: timeOf(stray.node, ANNOTATION.warmupCompleted),
      ...(state === "running" && timesInUse(stray)),
    },
  };
};

/** Gives managed instances without a record a slot again (the table was lost), and ends those for which none is free. */
export const adoptStrays: Rule = (view) => {
  const free = Math.max(0, view.spec.poolSize - allInstances(view).length);
  return livingStrays(view).flatMap((stray, index): Action[] => {
    if (index < free) return [adopt(stray)];
    return view.spec.paused && !view.deleting ? [] : [{ kind: "terminateStray", stray }];
  });
};
