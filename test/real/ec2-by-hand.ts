import { EC2Client } from "@aws-sdk/client-ec2";
import { REGION } from "../../local/aws/gateway/service.ts";
import type { Real } from "./stage.ts";

/** An EC2 client for changes outside Stratos, with the account's root user. */
export const ec2ByHand = ({ awsUrl }: Real): EC2Client =>
  new EC2Client({ endpoint: awsUrl, region: REGION, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
