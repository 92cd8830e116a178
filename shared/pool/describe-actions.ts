/** A plan in words, for a dry run. */

import { podName } from "../model/kubernetes/pods.ts";
import type { Action } from "./actions.ts";
import type { Instance } from "./view.ts";

/** The limits of the CRD for status.plan: lines, and characters per line. */
const MAX_LINES = 64;
const MAX_LINE_LENGTH = 512;

const nameOf = ({ record }: Instance): string =>
  record.nodeName === undefined ? `${record.instanceId}` : `${record.instanceId} (${record.nodeName})`;

/** Undefined for an action that only records, aligns or reports. */
const describe = (action: Action): string | undefined => {
  switch (action.kind) {
    case "beginTransition":
    case "completeTransition":
      return `${nameOf(action.instance)}: ${action.instance.record.state} → ${action.to} (${action.reason})`;
    case "launch":
      return `launch ${action.count}${action.zone === undefined ? "" : ` in ${action.zone}`} (${action.reason})`;
    case "fulfilLaunchRequest":
      return action.launches.length > 0
        ? `launch ${action.launches.map(({ count, instanceType, zone }) => `${count} ${instanceType} in ${zone}`).join(", ")} (Overflow)`
        : undefined;
    case "repeatLaunch":
      return `look for the instances of launch ${action.token}, or ${action.ifMissing}`;
    case "adopt":
      return `adopt ${action.orphan.instanceId} as ${action.state}`;
    case "start":
    case "terminate":
      return `${action.kind} ${nameOf(action.instance)}`;
    case "stop":
      return `${action.force ? "force-stop" : "stop"} ${nameOf(action.instance)}`;
    case "forgetSpotNotice":
      return undefined;
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

const cut = (line: string): string => (line.length > MAX_LINE_LENGTH ? `${line.slice(0, MAX_LINE_LENGTH - 1)}…` : line);

/** One line for each change; at most 64, the last of which says how many more there are. */
export const describeActions = (actions: readonly Action[]): readonly string[] => {
  const lines = actions.flatMap((action) => describe(action) ?? []).map(cut);
  if (lines.length <= MAX_LINES) return lines;
  const shown = lines.slice(0, MAX_LINES - 1);
  return [...shown, `and ${lines.length - shown.length} more`];
};
