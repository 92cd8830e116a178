/** Keys of encrypted volumes, and whether a caller may use them. */
import type { Ec2Call } from "./call.ts";
import type { UndoReason } from "./undone.ts";
import type { World } from "./world.ts";

const AWS_MANAGED = "alias/aws/ebs";

/** The ARN of a customer-managed key, given its id or ARN; undefined for the AWS-managed key. An alias stands for a key of that name. */
export const keyArnOf = ({ region, account, encryption }: World, key: string | undefined): string | undefined => {
  if (key === undefined) return encryption.defaultKeyArn;
  if (key.endsWith(AWS_MANAGED)) return undefined;
  return key.startsWith("arn:") ? key : `arn:aws:kms:${region}:${account}:key/${key.replace(/^alias\//, "")}`;
};

/** "Requirements for Amazon EBS encryption" (Amazon EBS User Guide): permissions of who launches. */
const LAUNCH: readonly string[] = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/** Who starts gives EC2 a grant to decrypt the data key (AWS re:Post, "kms-iam-ec2-permission"; instance-scheduler-on-aws#139). */
const START: readonly string[] = ["kms:CreateGrant"];

/**
 * EC2 uses the keys in the caller's name, after it has accepted the call: a key that refuses shows as `Client.InternalError` only. The key
 * policies leave the decision to IAM.
 */
export const keyRefusal = (
  { region }: World,
  call: Ec2Call,
  volumes: readonly { readonly keyArn?: string | undefined }[],
  kind: "launch" | "start",
): UndoReason | undefined => {
  const contextOf = (action: string, key: string) => ({
    "kms:ViaService": `ec2.${region}.amazonaws.com`,
    // Every key here has the alias of its own name, see `keyArnOf`.
    "kms:ResourceAliases": key.replace(/^.*:key\//, "alias/"),
    "kms:GrantIsForAWSResource": action === "kms:CreateGrant" ? "true" : undefined,
  });
  const keys = new Set(volumes.flatMap(({ keyArn }) => keyArn ?? []));
  for (const key of keys)
    for (const action of kind === "launch" ? LAUNCH : START)
      if (!call.allows(action, key, contextOf(action, key))) return "Client.InternalError";
  return undefined;
};
