/** Parses RunInstances' parameters into a launch request, with every named resource looked up. */

import { branch, flag, integer, type Params, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { InstanceProfile } from "../../iam/instance-profiles.ts";
import type { Image } from "../catalog/image.ts";
import type { InstanceType } from "../catalog/instance-type.ts";
import { INSTANCE_TYPES } from "../catalog/instance-types.ts";
import { invalidValue, malformedId } from "../errors.ts";
import type { MetadataOptions } from "../instance.ts";
import type { Placement } from "../placement.ts";
import type { Tags } from "../tag-book.ts";
import type { World } from "../world.ts";
import { readDevices, type VolumeRequest } from "./devices.ts";
import type { UsedTemplate } from "./from-template.ts";
import { type LaunchNetwork, readNetwork } from "./launch-network.ts";
import { readLaunchTags } from "./launch-tags.ts";
import { readPlacement } from "./placement.ts";

export interface LaunchRequest extends LaunchNetwork {
  readonly image: Image;
  readonly type: InstanceType;
  readonly placement: Placement;
  readonly profile: InstanceProfile | undefined;
  /** Base64, as sent. */
  readonly userData: string;
  readonly metadataOptions: MetadataOptions;
  readonly volumes: readonly VolumeRequest[];
  readonly shutdownBehavior: "stop" | "terminate";
  readonly terminationProtected: boolean;
  readonly stopProtected: boolean;
  readonly hibernation: boolean;
  readonly spot: boolean;
  /** By resource type: `instance`, `volume`, `network-interface`, `spot-instances-request`. */
  readonly tags: Readonly<Record<string, Tags>>;
  readonly from: UsedTemplate | undefined;
}

/** Limit before base64 encoding (RunInstances, API reference). */
const MAX_USER_DATA_BYTES = 16_384;

export const findImage = ({ images }: World, id: string): Image => {
  if (!/^ami-[0-9a-f]+$/.test(id)) throw malformedId("InvalidAMIID.Malformed", id, "ami");
  const image = images.get(id);
  if (!image) throw new CloudError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  return image;
};

const readType = (params: Params, image: Image): InstanceType => {
  // m1.small is EC2's default, although it is long outdated.
  const name = text(params, "InstanceType") ?? "m1.small";
  const type = INSTANCE_TYPES.get(name);
  if (!type) throw invalidValue(`Invalid value '${name}' for InstanceType.`);
  if (type.architecture !== image.architecture) {
    throw invalidValue(
      `The architecture '${type.architecture}' of the specified instance type does not match the architecture '${image.architecture}' of the specified AMI. ` +
        "Specify an instance type and an AMI that have matching architectures, and try again. " +
        "You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
    );
  }
  return type;
};

/** EC2 does not see a recent IAM change yet and reports the profile as nonexistent. */
const readProfile = ({ profiles, clock }: World, params: Params): InstanceProfile | undefined => {
  const { name, arn } = {
    name: text(branch(params, "IamInstanceProfile"), "Name"),
    arn: text(branch(params, "IamInstanceProfile"), "Arn"),
  };
  if (name !== undefined && arn !== undefined) {
    throw new CloudError(
      "InvalidParameterCombination",
      "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
    );
  }
  if (name !== undefined) {
    const profile = profiles.profiles.get(name);
    if (!profile || clock.now() < profile.usableAt)
      throw invalidValue(
        `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`,
      );
    return profile;
  }
  if (arn === undefined) return undefined;
  const profile = profiles.findByArn(arn);
  if (!profile || clock.now() < profile.usableAt)
    throw invalidValue(
      `Value (${arn}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN`,
    );
  return profile;
};

const readUserData = (params: Params): string => {
  const encoded = text(params, "UserData") ?? "";
  if (!/^[A-Za-z0-9+/\s]*=*\s*$/.test(encoded)) {
    throw new CloudError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  }
  if (Buffer.from(encoded, "base64").length > MAX_USER_DATA_BYTES) {
    throw invalidValue(`User data is limited to ${MAX_USER_DATA_BYTES} bytes`);
  }
  return encoded;
};

const readMetadataOptions = (params: Params): MetadataOptions => {
  const options = branch(params, "MetadataOptions");
  const httpPutResponseHopLimit = integer(options, "HttpPutResponseHopLimit") ?? 1;
  if (httpPutResponseHopLimit < 1 || httpPutResponseHopLimit > 64) {
    throw invalidValue(
      `Value (${httpPutResponseHopLimit}) for parameter HttpPutResponseHopLimit is invalid. HttpPutResponseHopLimit must be between 1 and 64`,
    );
  }
  return {
    httpTokens: text(options, "HttpTokens") ?? "optional",
    httpPutResponseHopLimit,
    httpEndpoint: text(options, "HttpEndpoint") ?? "enabled",
  };
};

/** `params` must already include the launch template's parameters. Throws as RunInstances does for invalid or missing parameters. */
export const readLaunchRequest = (world: World, params: Params, from: UsedTemplate | undefined): LaunchRequest => {
  const imageId = text(params, "ImageId");
  if (imageId === undefined) throw new CloudError("MissingParameter", "The request must contain the parameter ImageId");
  const image = findImage(world, imageId);
  const type = readType(params, image);
  const hibernation = flag(branch(params, "HibernationOptions"), "Configured");
  if (hibernation && !type.hibernation) {
    throw new CloudError(
      "UnsupportedHibernationConfiguration",
      `Hibernation is not supported for instance type ${type.name}`,
    );
  }
  const volumes = readDevices(world, params, image);
  if (hibernation && !volumes[0]?.encrypted) {
    throw new CloudError(
      "UnsupportedHibernationConfiguration",
      "The root volume must be encrypted when hibernation is enabled.",
    );
  }
  return {
    image,
    type,
    ...readNetwork(world, params),
    placement: readPlacement(world, params),
    profile: readProfile(world, params),
    userData: readUserData(params),
    metadataOptions: readMetadataOptions(params),
    volumes,
    shutdownBehavior: text(params, "InstanceInitiatedShutdownBehavior") === "terminate" ? "terminate" : "stop",
    terminationProtected: flag(params, "DisableApiTermination"),
    stopProtected: flag(params, "DisableApiStop"),
    hibernation,
    spot: text(branch(params, "InstanceMarketOptions"), "MarketType") === "spot",
    tags: readLaunchTags(params),
    from,
  };
};
