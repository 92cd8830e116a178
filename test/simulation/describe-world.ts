/** The state of a world as lines, for the end of a trace. */
import { conditionOf } from "../../shared/model/kubernetes/objects.ts";
import { allRecords, instanceIdOf, isManaged, nodesOf, podsOf } from "./state.ts";
import type { SimulatedWorld } from "./world.ts";

const taintsOf = (taints: readonly { readonly key: string; readonly effect: string }[] = []): string =>
  taints.map(({ key, effect }) => `${key}:${effect}`).join(",");

export const describeWorld = (world: SimulatedWorld): readonly string[] => [
  ...allRecords(world).map((record) => `record ${JSON.stringify({ ...record, images: undefined })}`),
  ...world.ec2.world.instances
    .all()
    .filter(({ id, state }) => isManaged(world, id) && state !== "terminated")
    .map(({ id, state, clientToken }) => `instance ${id} ${state} ${clientToken}`),
  ...nodesOf(world).map((node) => {
    const { metadata, spec } = node;
    const ready = conditionOf(node, "Ready")?.status;
    const labels = JSON.stringify(metadata.labels);
    return `node ${metadata.name} ${instanceIdOf(node)} Ready=${ready} cordoned=${spec.unschedulable} ${taintsOf(spec.taints)} ${labels}`;
  }),
  ...podsOf(world).map(
    ({ metadata, spec, status }) =>
      `pod ${metadata.name} ${status.phase} on ${spec.nodeName} ${metadata.deletionTimestamp ? "terminating" : ""}`,
  ),
];
