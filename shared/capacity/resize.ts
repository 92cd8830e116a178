/** Which other instance type a stopped instance can be changed to ("Compatibility for changing the instance type", Amazon EC2 User Guide). Pure. */

import type { InstanceHardware, InstanceTypeFacts } from "../model/ec2.ts";

const stateProblem = ({ state, isHibernated, spot }: InstanceHardware): string | undefined => {
  if (state !== "stopped") return `it is ${state}`;
  if (isHibernated) return "it is hibernated";
  return spot ? "it is a spot instance" : undefined;
};

/** The image, which was made or chosen for the own type, has to boot and find its drivers. */
const bootProblem = (
  { architecture, ena, bootMode, hibernation }: InstanceHardware,
  own: InstanceTypeFacts,
  other: InstanceTypeFacts,
): string | undefined => {
  const modes = bootMode === undefined ? own.platform.bootModes : [bootMode];
  if (!other.architectures.includes(architecture)) return `it is ${architecture}`;
  if (ena ? other.platform.ena === "unsupported" : other.platform.ena === "required") return "network adapters differ";
  if (other.platform.nvme !== own.platform.nvme) return "NVMe support differs";
  if (!modes.every((mode) => other.platform.bootModes.includes(mode))) return `it boots with ${modes.join(" and ")}`;
  if (hibernation && !other.hibernation) return "it is set up for hibernation";
  return other.accelerator === own.accelerator ? undefined : "accelerators differ";
};

/** Network interfaces, addresses and volumes stay attached. */
const attachmentProblem = (
  { interfaces, volumeCount }: InstanceHardware,
  { platform }: InstanceTypeFacts,
): string | undefined => {
  const { attachments } = platform;
  if (interfaces.length > platform.interfaces) return `it has ${interfaces.length} network interfaces`;
  const mostAddresses = Math.max(0, ...interfaces.map(({ addressCount }) => addressCount));
  if (mostAddresses > platform.addressesPerInterface) return `it has ${mostAddresses} addresses on one interface`;
  const attached = volumeCount + (attachments?.includeInterfaces ? interfaces.length : 0);
  return attachments && attached > attachments.max ? `it has ${volumeCount} volumes` : undefined;
};

/** Why the instance, which is of type `own`, cannot be changed to the other type; undefined if it can. */
export const resizeProblem = (
  hardware: InstanceHardware,
  own: InstanceTypeFacts,
  other: InstanceTypeFacts,
): string | undefined =>
  stateProblem(hardware) ?? bootProblem(hardware, own, other) ?? attachmentProblem(hardware, other);

const holdsAsMuch = (other: InstanceTypeFacts, own: InstanceTypeFacts): boolean =>
  other.vcpus >= own.vcpus &&
  other.memoryMiB >= own.memoryMiB &&
  other.maxPods >= own.maxPods &&
  other.devices >= own.devices;

export interface ResizeRequest {
  readonly hardware: InstanceHardware;
  readonly own: InstanceTypeFacts;
  /** Most preferred first. */
  readonly others: readonly InstanceTypeFacts[];
  /** Whether kubelet keeps the number of pods that was right for its first type. */
  readonly keepsMaxPods: boolean;
  /** Whether pods are bound to it, which have to fit. */
  readonly hasPods: boolean;
}

/**
 * The first type that holds at least as much as its own, or else, if it has no pods, the first that it can be changed to; undefined if there is none.
 */
export const chooseType = ({ hardware, own, others, keepsMaxPods, hasPods }: ResizeRequest): string | undefined => {
  const possible = others
    .filter((other) => resizeProblem(hardware, own, other) === undefined)
    .filter(({ maxPods }) => !keepsMaxPods || maxPods >= own.maxPods);
  const asLarge = possible.find((other) => holdsAsMuch(other, own));
  return (hasPods ? asLarge : (asLarge ?? possible[0]))?.instanceType;
};
