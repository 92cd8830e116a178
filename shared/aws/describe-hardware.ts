import type { Instance, InstanceNetworkInterface } from "@aws-sdk/client-ec2";
import type { InstanceHardware, InstanceState } from "../model/ec2.ts";

/** A prefix takes the place of one address ("Assign prefixes to network interfaces", Amazon EC2 User Guide). */
const addressCountOf = (one: InstanceNetworkInterface): number =>
  Math.max(
    (one.PrivateIpAddresses ?? []).length + (one.Ipv4Prefixes ?? []).length,
    (one.Ipv6Addresses ?? []).length + (one.Ipv6Prefixes ?? []).length,
  );

export const toHardware = (instance: Instance): InstanceHardware => ({
  instanceId: instance.InstanceId ?? "",
  state: (instance.State?.Name ?? "pending") as InstanceState,
  isHibernated: instance.StateReason?.Code === "Client.UserInitiatedHibernate",
  hibernation: instance.HibernationOptions?.Configured ?? false,
  spot: instance.InstanceLifecycle === "spot",
  architecture: instance.Architecture ?? "",
  ena: instance.EnaSupport ?? false,
  ...(instance.CurrentInstanceBootMode && { bootMode: instance.CurrentInstanceBootMode }),
  interfaces: (instance.NetworkInterfaces ?? []).map((one) => ({ addressCount: addressCountOf(one) })),
  volumeCount: (instance.BlockDeviceMappings ?? []).length,
});
