/** Block device mappings of a launch: the image's volumes, with the request's changes and additions. */

import { branch, branches, flag, integer, type Params, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import { type Image, volumesOf } from "../catalog/image.ts";
import { keyArnOf } from "../encryption.ts";
import { invalidValue } from "../errors.ts";
import type { Volume } from "../volume.ts";
import type { World } from "../world.ts";

export type VolumeRequest = Omit<Volume, "id">;

/** The allowed IOPS and gp3's default (CreateVolume, API reference). */
const IOPS: Readonly<Record<string, { min: number; max: number; standard?: number; required?: boolean }>> = {
  gp3: { min: 3000, max: 80_000, standard: 3000 },
  io1: { min: 100, max: 64_000, required: true },
  io2: { min: 100, max: 256_000, required: true },
};
const GP3_THROUGHPUT = { standard: 125, max: 2000 };
const TYPES: readonly string[] = ["gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"];

const readIops = (ebs: Params, type: string, sizeGiB: number): number | undefined => {
  const requested = integer(ebs, "Iops");
  const allowed = IOPS[type];
  if (!allowed) {
    if (requested !== undefined) {
      throw new CloudError("InvalidParameterCombination", `The parameter iops is not supported for ${type} volumes.`);
    }
    // gp2 has three IOPS per GiB, at least 100.
    return type === "gp2" ? Math.min(Math.max(100, 3 * sizeGiB), 16_000) : undefined;
  }
  if (requested === undefined && allowed.required) {
    throw new CloudError("MissingParameter", `The parameter iops must be specified for ${type} volumes.`);
  }
  const iops = requested ?? allowed.standard ?? allowed.min;
  if (iops < allowed.min) throw invalidValue(`Volume iops of ${iops} is too low; minimum is ${allowed.min}.`);
  if (iops > allowed.max) throw invalidValue(`Volume iops of ${iops} is too high; maximum is ${allowed.max}.`);
  return iops;
};

const readThroughput = (ebs: Params, type: string): number | undefined => {
  const requested = integer(ebs, "Throughput");
  if (type !== "gp3") {
    if (requested === undefined) return undefined;
    throw new CloudError(
      "InvalidParameterCombination",
      `The parameter throughput is not supported for ${type} volumes.`,
    );
  }
  const throughput = requested ?? GP3_THROUGHPUT.standard;
  if (throughput < GP3_THROUGHPUT.standard || throughput > GP3_THROUGHPUT.max) {
    throw invalidValue(
      `Throughput value ${throughput} is not valid; it must be from ${GP3_THROUGHPUT.standard} to ${GP3_THROUGHPUT.max}.`,
    );
  }
  return throughput;
};

const readEncryption = (world: World, ebs: Params): Pick<Volume, "encrypted" | "keyArn"> => {
  const encrypted = flag(ebs, "Encrypted") || world.encryption.byDefault === true;
  const key = text(ebs, "KmsKeyId");
  if (key !== undefined && !encrypted) {
    throw new CloudError(
      "InvalidParameterDependency",
      "The parameter KmsKeyId requires the parameter Encrypted to be set.",
    );
  }
  return { encrypted, keyArn: encrypted ? keyArnOf(world, key) : undefined };
};

const readDevice = (world: World, mapping: Params, image: Image): VolumeRequest => {
  const deviceName = text(mapping, "DeviceName") ?? "";
  const ebs = branch(mapping, "Ebs");
  const own = volumesOf(image).find((volume) => volume.deviceName === deviceName);
  const type = text(ebs, "VolumeType") ?? (own ? "gp3" : "gp2");
  if (!TYPES.includes(type)) throw invalidValue(`Invalid value '${type}' for VolumeType.`);
  const snapshotId = own?.snapshotId ?? text(ebs, "SnapshotId");
  // The simulator knows no other snapshots, so their sizes are unknown.
  const sizeGiB = integer(ebs, "VolumeSize") ?? own?.sizeGiB ?? (snapshotId && UNKNOWN_SNAPSHOT_GIB);
  if (!sizeGiB || sizeGiB < 1) {
    throw new CloudError("InvalidBlockDeviceMapping", `Missing or invalid volume size for device ${deviceName}`);
  }
  if (own && sizeGiB < own.sizeGiB) {
    throw new CloudError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${sizeGiB}GB is smaller than snapshot '${own.snapshotId}', expect size>= ${own.sizeGiB}GB`,
    );
  }
  assertInitializationRate(integer(ebs, "VolumeInitializationRate"), snapshotId);
  return {
    deviceName,
    sizeGiB,
    type,
    ...readEncryption(world, ebs),
    iops: readIops(ebs, type, sizeGiB),
    throughput: readThroughput(ebs, type),
    deleteOnTermination: text(ebs, "DeleteOnTermination") !== "false",
    snapshotId,
    initializationRate: integer(ebs, "VolumeInitializationRate"),
  };
};

const UNKNOWN_SNAPSHOT_GIB = 8;

/** "EbsBlockDevice", VolumeInitializationRate (API reference). The error codes are a belief. */
const assertInitializationRate = (rate: number | undefined, snapshotId: string | undefined): void => {
  if (rate === undefined) return;
  if (snapshotId === undefined) {
    throw new CloudError(
      "InvalidParameterCombination",
      "The parameter VolumeInitializationRate is supported only for volumes created from snapshots.",
    );
  }
  if (rate < 100 || rate > 300) throw invalidValue(`Volume initialization rate of ${rate} must be from 100 to 300.`);
};

/** Returns the root volume first. Throws as EC2 does for unsupported sizes, types, IOPS and throughput. */
export const readDevices = (world: World, params: Params, image: Image): VolumeRequest[] => {
  const mappings = branches(params, "BlockDeviceMapping").filter((mapping) => text(mapping, "NoDevice") === undefined);
  const named = (name: string) => mappings.find((mapping) => text(mapping, "DeviceName") === name);
  const own = volumesOf(image).map(({ deviceName }) => named(deviceName) ?? { DeviceName: deviceName });
  const added = mappings.filter((mapping) => !own.includes(mapping));
  return [...own, ...added].map((mapping) => readDevice(world, mapping, image));
};
