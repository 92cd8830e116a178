import type { InstanceHardware } from "../../../shared/model/ec2.ts";

/** A stopped instance with one network interface and one volume. */
export const aHardware = (overrides: Partial<InstanceHardware> = {}): InstanceHardware => ({
  instanceId: "i-1",
  state: "stopped",
  isHibernated: false,
  hibernation: false,
  spot: false,
  architecture: "x86_64",
  ena: true,
  bootMode: "legacy-bios",
  interfaces: [{ addressCount: 10 }],
  volumeCount: 1,
  ...overrides,
});
