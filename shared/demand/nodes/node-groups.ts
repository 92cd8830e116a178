/** Nodes that no pod can tell apart by labels, taints or name, so that each class of pods is matched with them once. */

import type { PodSpec } from "../../model/kubernetes/objects.ts";
import { mismatch, type NodeFace, requiredTerms } from "../../scheduling/node-compatibility.ts";
import { keysOfTerms, meetsAnyTerm, namesNodes, readableTerms } from "../../scheduling/node-terms.ts";
import { readableTaint } from "../../scheduling/tolerations.ts";
import type { PodClass } from "../pod-groups.ts";
import { type Daemon, daemonsFor } from "./daemonset-pods.ts";
import { HOSTNAME, ZONE } from "./labels.ts";

export interface Shape {
  readonly face: NodeFace;
  readonly daemons: readonly Daemon[];
  /** What stands against pods of the class on such nodes, whatever room there is; undefined if nothing does. */
  refusal(pods: PodClass): string | undefined;
}

const refusalOf = (pods: PodClass, face: NodeFace): string | undefined => {
  if (pods.volumes.problem) return pods.volumes.problem;
  if (pods.spec.resourceClaims?.length) return "resource claims (dynamic resource allocation), which are not looked at";
  const against = mismatch(pods.spec, face);
  if (against) return against;
  const elsewhere = pods.volumes.places.find((terms) => !meetsAnyTerm(terms, face));
  return elsewhere && `volume in ${readableTerms(elsewhere)}`;
};

const createShape = (face: NodeFace, daemons: readonly Daemon[]): Shape => {
  const known: { readonly refusal: string | undefined }[] = [];
  return {
    face,
    daemons: daemonsFor(daemons, face),
    refusal: (pods) => {
      known[pods.index] ??= { refusal: refusalOf(pods, face) };
      return known[pods.index]?.refusal;
    },
  };
};

const specKeys = (spec: PodSpec): readonly string[] => [
  ...Object.keys(spec.nodeSelector ?? {}),
  ...keysOfTerms(requiredTerms(spec) ?? []),
];

/** The labels that pods or DaemonSets ask for. */
const askedKeys = (classes: readonly PodClass[], daemons: readonly Daemon[]): readonly string[] => [
  ...daemons.flatMap(({ set }) => specKeys(set.spec.template.spec)),
  ...classes.flatMap(({ spec, volumes }) => [...specKeys(spec), ...volumes.places.flatMap(keysOfTerms)]),
];

const asksForNames = ({ spec, volumes }: PodClass): boolean =>
  namesNodes(requiredTerms(spec) ?? []) || volumes.places.some(namesNodes);

/**
 * Finds the shape of a node. The zone always matters, so that zones are used evenly. Of the labels that say where pods are, the host
 * name tells no shapes apart: each node is a place of its own by it.
 */
export const createShapes = (
  classes: readonly PodClass[],
  daemons: readonly Daemon[],
  topologyKeys: readonly string[],
): ((face: NodeFace) => Shape) => {
  const places = topologyKeys.filter((key) => key !== HOSTNAME);
  const keys = [...new Set([ZONE, ...askedKeys(classes, daemons), ...places])];
  const byName = classes.some(asksForNames);
  const shapes = new Map<string, Shape>();
  return (face) => {
    const signature = JSON.stringify([
      keys.map((key) => face.labels[key] ?? (face.unknown?.has(key) ? 0 : null)),
      face.taints.map(readableTaint),
      byName ? face.name : 0,
    ]);
    const shape = shapes.get(signature) ?? createShape(face, daemons);
    shapes.set(signature, shape);
    return shape;
  };
};
