import { ANNOTATION } from "../names.ts";
import type { KubeNode, Taint } from "./objects.ts";

export const sameTaint = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;

export const taintId = ({ key, effect }: Taint): string => `${key}:${effect}`;

/**
 * Taints that come and go with a node's state (cordoned, not ready, shut down, standby) or with its agents, such as Cilium's
 * `node.cilium.io/agent-not-ready`, which its operator puts on every stopped node.
 */
const PASSING = /^(?:stratos\.sh|node\.kubernetes\.io|node\.cloudprovider\.kubernetes\.io)\/|not-ready$/;

export const isPassing = ({ key }: Taint): boolean => PASSING.test(key);

/** The ids of the taints of others that the node had when it last left service; undefined if that was not noted. */
export const keptTaintIds = ({ metadata }: KubeNode): ReadonlySet<string> | undefined => {
  const noted = metadata.annotations?.[ANNOTATION.keptTaints];
  return noted === undefined ? undefined : new Set(noted.split(","));
};
