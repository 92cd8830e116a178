/** A plan in words, for whoever wants to see it before it is carried out. */

import { podName } from "../model/kubernetes/pods.ts";
import type { Action } from "./actions.ts";
import type { Instance } from "./view.ts";

/** As many lines, and characters in one, as the CRD takes for status.plan. */
const MOST_LINES = 64;
const LONGEST_LINE = 512;

const nameOf = ({ record }: Instance): string =>
  record.nodeName === undefined ? `${record.instanceId}` : `${record.instanceId} (${record.nodeName})`;

/** Undefined for what only records, mirrors or reports. */
const describe = (action: Action): string | undefined => {
  switch (action.kind) {
    case "beginTransition":
    case "completeTransition":
      return `${nameOf(action.instance)}: ${action.instance.record.state} → ${action.to} (${action.reason})`;
    case "launch":
      return `launch ${action.count} (${action.reason})`;
    case "fulfilLaunchRequest":
      return action.launches.length > 0
        ? `launch ${action.launches.map(({ count, instanceType, zone }) => `${count} ${instanceType} in ${zone}`).join(", ")} (Overflow)`
        : undefined;
    case "repeatLaunch":
      return `repeat the launch ${action.token}`;
    case "adopt":
      return `adopt ${action.orphan.instanceId} as ${action.state}`;
    case "terminateOrphan":
      return `terminate ${action.orphan.instanceId}, which has no slot`;
    case "start":
    case "terminate":
      return `${action.kind} ${nameOf(action.instance)}`;
    case "stop":
      return `${action.force ? "force-stop" : "stop"} ${nameOf(action.instance)}`;
    case "evict":
      return `evict ${action.pods.map(podName).join(", ")} from ${nameOf(action.instance)}`;
    case "deletePods":
      return `delete ${action.pods.map(podName).join(", ")} on ${nameOf(action.instance)}`;
    case "deleteNode":
      return `delete node ${action.node.metadata.name}`;
    case "releaseSlot":
      return `forget ${nameOf(action.instance)}, which is gone`;
    default:
      return undefined;
  }
};

const cut = (line: string): string => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line);

/** One line for each thing that would change; at most 64, the last of which says how many more there are. */
export const describeActions = (actions: readonly Action[]): readonly string[] => {
  const lines = actions.flatMap((action) => describe(action) ?? []).map(cut);
  if (lines.length <= MOST_LINES) return lines;
  const shown = lines.slice(0, MOST_LINES - 1);
  return [...shown, `and ${lines.length - shown.length} more`];
};
