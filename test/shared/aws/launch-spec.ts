import type { LaunchSpec } from "../../../shared/model/ec2.ts";
import { SUBNET } from "../../local/aws/ec2/region.ts";

export const TAGS = { "managed-by": "stratos", "stratos.sh/pool": "workers" };

export const aSpec = (overrides: Partial<LaunchSpec> = {}): LaunchSpec => ({
  clientToken: "token-1",
  count: 2,
  imageId: "ami-0123456789abcdef0",
  instanceType: "m5.large",
  subnetId: SUBNET.a,
  securityGroupIds: ["sg-12345678"],
  instanceProfile: "node-role",
  userData: "#!/bin/bash\npoweroff\n",
  metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1, httpEndpoint: "enabled" },
  blockDevices: [{ deviceName: "/dev/xvda", volumeSize: 30, volumeType: "gp3", encrypted: true }],
  tags: TAGS,
  ...overrides,
});
