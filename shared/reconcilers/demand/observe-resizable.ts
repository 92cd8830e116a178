import type { ResizeCandidate } from "../../capacity/plan-capacity.ts";
import { chooseType } from "../../capacity/resize.ts";
import type { StartedNode } from "../../demand/view.ts";
import type { AWSNodeClass } from "../../model/api/types.ts";
import type { InstanceHardware, InstanceTypeFacts } from "../../model/ec2.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** Standby, with the pods that are bound to it although it is stopped, and the type that it is to be changed to. */
export interface Resizable extends StartedNode {
  readonly instanceType: string;
}

interface Sources {
  readonly ports: { readonly ec2: Pick<ReconcilerPorts["ec2"], "describeHardware"> };
  readonly factsOf: (instanceType: string) => Promise<InstanceTypeFacts | undefined>;
}

/**
 * nodeadm writes kubelet's settings at each boot (awslabs/amazon-eks-ami, nodeadm-config.service); other user data may do so only at the first one. A
 * number of the class's own is the same for all types.
 */
const keepsMaxPods = ({ spec }: AWSNodeClass): boolean =>
  spec.bootstrapTemplate !== "AL2023" && spec.kubelet?.maxPods === undefined;

const describe = async (
  { ports }: Sources,
  candidates: readonly ResizeCandidate<StartedNode>[],
): Promise<readonly InstanceHardware[]> => {
  const ids = candidates.flatMap(({ standby }) => standby.record.instanceId ?? []);
  // What cannot be described is not resized: launches come next.
  return ports.ec2.describeHardware(ids).catch(() => []);
};

/** Asks EC2 what the candidates have attached, if there are any, and chooses a type for each that can be changed. */
export const observeResizable = async (
  sources: Sources,
  nodeClass: AWSNodeClass | undefined,
  candidates: readonly ResizeCandidate<StartedNode>[],
): Promise<readonly Resizable[]> => {
  if (!nodeClass || candidates.length === 0) return [];
  const names = new Set(candidates.flatMap(({ standby, types }) => [standby.record.instanceType, ...types]));
  const [hardware, types] = await Promise.all([
    describe(sources, candidates),
    Promise.all([...names].map(sources.factsOf)),
  ]);
  const byId = new Map(hardware.map((one) => [one.instanceId, one]));
  const factsOf = (name: string) => types.find((facts) => facts?.instanceType === name);
  return candidates.flatMap((candidate) => {
    const { record, pods } = candidate.standby;
    const own = factsOf(record.instanceType);
    const found = byId.get(record.instanceId ?? "");
    if (!own || !found) return [];
    const others = candidate.types.flatMap((name) => factsOf(name) ?? []);
    const request = { hardware: found, own, others, keepsMaxPods: keepsMaxPods(nodeClass), hasPods: pods.length > 0 };
    const instanceType = chooseType(request);
    return instanceType === undefined ? [] : [{ ...candidate.standby, instanceType }];
  });
};
