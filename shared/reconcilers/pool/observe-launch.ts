/** What the next launch of a pool would use. */

import { nodeProblem, renderUserData } from "../../bootstrap/user-data.ts";
import { warmupImages } from "../../bootstrap/warmup-images.ts";
import type { PoolSpec } from "../../model/api/pool-spec.ts";
import type { AWSNodeClass, AWSNodeClassSpec } from "../../model/api/types.ts";
import { type ClusterAddress, isIpv6 } from "../../model/cluster-address.ts";
import type { DaemonSet } from "../../model/kubernetes/objects.ts";
import type { LaunchConfig } from "../../model/launch-config.ts";
import { launchConfigOf } from "../../nodeclass/launch-config.ts";
import { fingerprintOf } from "../../nodeclass/launch-fingerprint.ts";
import type { PoolView } from "../../pool/view.ts";
import type { ReconcilerPorts } from "../ports.ts";

/** A subnet without AssignIpv6AddressOnCreation gives an IPv6 address only to a launch that asks (RunInstances, Ipv6AddressCount). */
const inCluster = (launch: LaunchConfig, address: ClusterAddress): LaunchConfig =>
  isIpv6(address) ? { ...launch, options: { ...launch.options, ipv6AddressCount: 1 } } : launch;

/** Spot replacement launches nodes that serve at once. */
const spotProblem = (
  { spotReplacement, preWarm, template }: PoolSpec,
  { spotConfig, bootstrapTemplate }: AWSNodeClassSpec,
): string | undefined => {
  if (!spotReplacement.enabled) return undefined;
  if (!spotConfig)
    return `spotReplacement is enabled, but AWSNodeClass ${template.nodeClassRef.name} has no spotConfig`;
  return bootstrapTemplate || preWarm.completionMode === "ControllerStop"
    ? undefined
    : "spotReplacement is enabled, but the class's own userData may power off the node: set preWarm.completionMode ControllerStop";
};

/** The user data is rendered each time, so that an error in it shows before anything is launched. */
export const observeLaunch = async (
  ports: Pick<ReconcilerPorts, "address">,
  cluster: string,
  spec: PoolSpec,
  nodeClass: AWSNodeClass | undefined,
  daemonSets: readonly DaemonSet[],
): Promise<Pick<PoolView, "nodeClass" | "images" | "optionalImages" | "fingerprint">> => {
  const ownImages = { images: spec.preWarm.images, optionalImages: [] };
  if (!nodeClass) return { nodeClass: { kind: "missing" }, ...ownImages, fingerprint: undefined };
  const images = warmupImages(spec, nodeClass.spec, daemonSets);
  const readiness = launchConfigOf(nodeClass);
  if (readiness.kind === "notReady") return { nodeClass: readiness, ...images, fingerprint: undefined };
  const address = await ports.address(cluster);
  const launch = inCluster(readiness.launch, address);
  // Of the settings, not of the script rendered from them: a release that rewords a script causes no drift.
  const fingerprint = fingerprintOf(readiness.launch, [...images.images, ...images.optionalImages]);
  const problem = spotProblem(spec, nodeClass.spec) ?? nodeProblem(spec.template);
  if (problem) return { nodeClass: { kind: "invalid", message: problem }, ...images, fingerprint: undefined };
  if ("own" in launch.userDataSource) {
    const userData = { userData: launch.userDataSource.own };
    // Own user data does not know the DaemonSets, and may power off before kubelet, which lists images every 30 s, has reported theirs.
    return { nodeClass: { kind: "ready", launch: { ...launch, userData } }, ...ownImages, fingerprint };
  }
  const rendering = renderUserData(launch.userDataSource, spec, address, images);
  if (rendering.kind === "invalid") return { nodeClass: rendering, ...images, fingerprint: undefined };
  const { userData, servingUserData } = rendering;
  return { nodeClass: { kind: "ready", launch: { ...launch, userData, servingUserData } }, ...images, fingerprint };
};
