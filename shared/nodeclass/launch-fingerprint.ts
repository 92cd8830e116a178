import { createHash } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";
import type { LaunchConfig } from "../model/launch-config.ts";

/**
 * A hash of everything in the launch config that affects the node itself; instances with another fingerprint have drifted. Subnets,
 * tags, alternative instance types, capacity reservation and placement group do not count. Every other field does, including fields
 * added later.
 */
export const fingerprintOf = (launch: LaunchConfig, images: readonly string[]): string => {
  const {
    subnets: _subnets,
    userTags: _tags,
    instanceTypes: _alternatives,
    options: allOptions,
    userDataSource: userData,
    ...config
  } = launch;
  const { capacityReservation: _reservation, placementGroup: _group, ...options } = allOptions;
  const securityGroupIds = config.securityGroupIds.toSorted();
  const text = canonicalJson({ ...config, userData, options, securityGroupIds, images: images.toSorted() }) ?? "";
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
};
