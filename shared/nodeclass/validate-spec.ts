/** Checks on a node class that the CRD's schema cannot express, because they depend on byte lengths or on the cluster. */
import type { AWSNodeClassSpec } from "../model/api/types.ts";

/** EC2's limit, before base64. Source: docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html. */
const MAX_USER_DATA_BYTES = 16_384;

/** The first problem, naming the field, what was found and what is allowed; undefined if there is none. */
export const nodeClassProblem = (spec: AWSNodeClassSpec, clusterRegion: string): string | undefined => {
  if (spec.region && spec.region !== clusterRegion) {
    return `region is ${spec.region}, but nodes must be in the cluster's region, ${clusterRegion}`;
  }
  const bytes = Buffer.byteLength(spec.userData ?? "");
  return bytes > MAX_USER_DATA_BYTES
    ? `userData has ${bytes} bytes, but EC2 allows at most ${MAX_USER_DATA_BYTES}`
    : undefined;
};
