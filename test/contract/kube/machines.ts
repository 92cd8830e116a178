import type { Machine } from "../../../local/aws/ec2/machines.ts";
import type { MachineName } from "./cluster.ts";

const ADDRESSES: Readonly<Record<MachineName, string>> = { first: "10.0.0.1", second: "10.0.0.2" };

/** An m5.large as EC2 would have launched it. */
export const machineCalled = (name: MachineName): Machine => {
  const privateIp = ADDRESSES[name];
  return {
    instanceId: `i-${name}`,
    zone: "us-east-1a",
    instanceType: "m5.large",
    architecture: "x86_64",
    vcpus: 2,
    memoryMiB: 8192,
    privateIp,
    privateDnsName: `ip-${privateIp.replaceAll(".", "-")}.ec2.internal`,
    userData: "",
    imageId: "ami-1",
    tags: {},
    boot: 1,
  };
};
