import { createHash } from "node:crypto";
import { canonicalJson } from "../model/canonical-json.ts";
import type { LaunchConfig } from "../model/launch-config.ts";

/**
 * Of everything that makes an instance what it is: two that differ in it are not the same kind of node. Where it is put, what it is
 * tagged with and which types could be launched instead make no difference to it; everything else of the template does,
 * whatever is added to it.
 */
export const fingerprintOf = (launch: LaunchConfig, images: readonly string[]): string => {
  const {
    subnets: _where,
    userTags: _tags,
    instanceTypes: _alternatives,
    options,
    userDataSource: userData,
    ...made
  } = launch;
  const { capacityReservation: _reservation, placementGroup: _group, ...kept } = options;
  const groups = made.securityGroupIds.toSorted();
  const text =
    canonicalJson({ ...made, userData, options: kept, securityGroupIds: groups, images: images.toSorted() }) ?? "";
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
};
