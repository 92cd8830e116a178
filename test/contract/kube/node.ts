/** Helpers for reading nodes and pod conditions. */
import type { Condition, Taint } from "../../../local/kubernetes/objects/objects.ts";
import type { Body, Reply } from "./calls.ts";

export const conditionOf = ({ status }: Pick<Body, "status">, type: string): Condition | undefined =>
  (status as { conditions?: Condition[] } | undefined)?.conditions?.find((condition) => condition.type === type);

export const isReady = (object: Body): boolean => conditionOf(object, "Ready")?.status === "True";

/** A real kubelet may report a pod Ready a moment before it reports it Running. */
export const isRunning = (pod: Body): boolean => isReady(pod) && (pod.status as { phase?: string }).phase === "Running";

export const taintsOf = ({ spec }: Body): readonly Taint[] => (spec as { taints?: Taint[] } | undefined)?.taints ?? [];

/** The object of a response, if it exists and matches. */
export const nodeIn = ({ status, body }: Reply, matches: (node: Body) => boolean): Body | undefined =>
  status === 200 && matches(body) ? body : undefined;
