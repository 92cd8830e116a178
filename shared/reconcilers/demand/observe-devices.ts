/** Reads the objects of dynamic resource allocation, for pods that have resource claims or request extended resources. */
import { mayBeOfDeviceClass } from "../../demand/device-requests.ts";
import type { ClusterContext } from "../../demand/view.ts";
import { isNotServed, type KubeClient } from "../../kube/client.ts";
import { paths } from "../../kube/paths.ts";
import type { DeviceClass, ResourceClaim } from "../../model/kubernetes/devices.ts";
import type { KubePod } from "../../model/kubernetes/objects.ts";

const hasClaims = ({ spec }: KubePod): boolean => (spec.resourceClaims ?? []).length > 0;

/** `running`: pods on nodes that pending ones may still fit on. Undefined if no pod needs it, or the API is not served (before 1.34). */
export const observeDevices = async (
  kube: KubeClient,
  pods: readonly KubePod[],
  running: readonly KubePod[],
): Promise<ClusterContext["devices"]> => {
  const needsClaims = pods.some(hasClaims);
  if (!needsClaims && !pods.some(mayBeOfDeviceClass)) return undefined;
  const withClaims = needsClaims ? [...pods, ...running].filter(hasClaims) : [];
  const namespaces = [...new Set(withClaims.map(({ metadata }) => metadata.namespace ?? "default"))];
  try {
    const [classes, claims] = await Promise.all([
      kube.list<DeviceClass>(paths.deviceClasses()),
      Promise.all(namespaces.map((namespace) => kube.list<ResourceClaim>(paths.resourceClaimsIn(namespace)))),
    ]);
    return { classes, claims: claims.flat() };
  } catch (error) {
    if (isNotServed(error)) return undefined;
    throw error;
  }
};
