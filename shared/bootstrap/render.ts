/** Renders a template's user data and packs it for EC2. */
import { gzipSync } from "node:zlib";
import type { TemplateSource, UserData } from "../model/launch-config.ts";
import { al2UserData } from "./al2.ts";
import { al2023UserData } from "./al2023.ts";
import { bottlerocketUserData } from "./bottlerocket.ts";
import type { NodeSettings } from "./node-settings.ts";

/** EC2's limit, before base64. Source: docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html. */
export const MAX_USER_DATA_BYTES = 16_384;

const RENDER = { AL2023: al2023UserData, AL2: al2UserData, Bottlerocket: bottlerocketUserData } as const;

/** Plain text of any length. Throws if the template cannot include the custom user data; validation marks such a class invalid. */
export const renderTemplate = ({ template, custom }: TemplateSource, settings: NodeSettings): string =>
  RENDER[template](settings, custom);

/**
 * Compressed only if necessary, because plain text is readable in the EC2 console. cloud-init, nodeadm (awslabs/amazon-eks-ami pull
 * request 1762) and Bottlerocket (bottlerocket-os/bottlerocket pull request 1366) all accept gzip.
 */
export const packUserData = (text: string): UserData =>
  Buffer.byteLength(text) <= MAX_USER_DATA_BYTES
    ? { userData: text }
    : { userData: gzipSync(text, { level: 9 }).toString("base64"), userDataIsGzip: true };
