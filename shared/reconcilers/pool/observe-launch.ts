/** What the next launch of a pool would be made of. */
import type { PoolSpec } from "../../api/defaults.ts";
import type { AWSNodeClass } from "../../api/types.ts";
import { type Rendering, renderUserData } from "../../bootstrap/user-data.ts";
import { warmupImages } from "../../bootstrap/warmup-images.ts";
import type { DaemonSet } from "../../kube/objects.ts";
import { launchTemplateOf, type UserDataSource } from "../../nodeclass/launch-template.ts";
import type { PoolView } from "../../pool/view.ts";
import type { ReconcilerPorts } from "../ports.ts";
import { fingerprintOf } from "./fingerprint.ts";

/** The user data is rendered each time, so that what is wrong with it shows before anything is launched. */
export const observeLaunch = async (
  ports: Pick<ReconcilerPorts, "address">,
  cluster: string,
  spec: PoolSpec,
  nodeClass: AWSNodeClass | undefined,
  daemonSets: readonly DaemonSet[],
): Promise<Pick<PoolView, "nodeClass" | "images" | "fingerprint">> => {
  if (!nodeClass) return { nodeClass: { kind: "missing" }, images: spec.preWarm.images, fingerprint: undefined };
  const images = warmupImages(spec, nodeClass.spec, daemonSets);
  const readiness = launchTemplateOf(nodeClass);
  if (readiness.kind === "notReady") return { nodeClass: readiness, images, fingerprint: undefined };
  const { launch } = readiness;
  const rendering = await render(ports, cluster, spec, launch.userData, images);
  if (rendering.kind === "invalid") return { nodeClass: rendering, images, fingerprint: undefined };
  // Of what was asked for, not of what was rendered from it: a release that words a script anew makes no instance outdated.
  const fingerprint = fingerprintOf(launch, images);
  const ready = { kind: "ready", launch: { ...launch, sent: rendering.userData } } as const;
  return { nodeClass: ready, images: requiredImages(launch.userData, spec, images), fingerprint };
};

/**
 * User data of one's own does not know what DaemonSets run, and may power off before kubelet, which lists its images each 30 s, has
 * reported what they brought: of such an instance only the images are required that its pool names.
 */
const requiredImages = (source: UserDataSource, { preWarm }: PoolSpec, pulled: readonly string[]): readonly string[] =>
  "own" in source ? preWarm.images : pulled;

const render = async (
  ports: Pick<ReconcilerPorts, "address">,
  cluster: string,
  spec: PoolSpec,
  source: UserDataSource,
  images: readonly string[],
): Promise<Rendering> =>
  "own" in source
    ? { kind: "rendered", userData: { userData: source.own } }
    : renderUserData(source, spec, await ports.address(cluster), images);
