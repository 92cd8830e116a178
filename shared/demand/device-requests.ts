/**
 * What pods request of devices by dynamic resource allocation, as far as it can be told for a node that does not run: a number of devices of a class
 * that stands for a resource. Source: k8s.io/api/resource/v1; KEP-5004 for extended resources backed by a class.
 */
import type { DeviceClass, ExactDeviceRequest, ResourceClaim } from "../model/kubernetes/devices.ts";
import type { KubePod } from "../model/kubernetes/objects.ts";
import { podName } from "../model/kubernetes/pods.ts";
import type { PodRequest } from "../scheduling/pod-request.ts";
import type { Amounts } from "../scheduling/resource-amount.ts";
import { DEVICES_OF } from "../scheduling/resource-vector.ts";
import { pendingSince } from "./pending-pod.ts";
import type { ClusterContext } from "./view.ts";

export interface DeviceRequests {
  /** By resource name. */
  readonly amounts: Amounts;
  /** Why no node is known to help the pod. */
  readonly unschedulableReason?: string;
}

const NO_DEVICES: DeviceRequests = { amounts: new Map() };

/** The whole GPUs of NVIDIA's driver, of which EC2 says how many a type has (github.com/kubernetes-sigs/dra-driver-nvidia-gpu). */
const KNOWN_CLASSES: Readonly<Record<string, string>> = { "gpu.nvidia.com": "nvidia.com/gpu" };

const resourceOf = (name: string, deviceClass: DeviceClass | undefined): string =>
  deviceClass?.spec.extendedResourceName ?? KNOWN_CLASSES[name] ?? `${DEVICES_OF}${name}`;

/** The resources that stand for devices of some class: a node that does not report them is not known to have any. */
export const deviceResources = ({ devices }: ClusterContext): ReadonlySet<string> =>
  new Set((devices?.classes ?? []).map((one) => resourceOf(one.metadata.name, one)));

export const withDevices = (request: PodRequest, { amounts }: DeviceRequests): PodRequest => {
  if (amounts.size === 0) return request;
  const overhead = new Map(request.overhead);
  for (const [name, amount] of amounts) overhead.set(name, amount + (overhead.get(name) ?? 0));
  return { ...request, overhead };
};

interface OwnClaim {
  /** Within the pod. */
  readonly name: string;
  /** Of the ResourceClaim; undefined if it is not created from its template yet. */
  readonly claimName: string | undefined;
}

const ownClaims = ({ spec, status }: KubePod): readonly OwnClaim[] =>
  (spec.resourceClaims ?? []).map(({ name, resourceClaimName }) => ({
    name,
    claimName: resourceClaimName ?? status?.resourceClaimStatuses?.find((own) => own.name === name)?.resourceClaimName,
  }));

/** What of a request cannot be told before there are devices. */
const untoldPart = (exactly: ExactDeviceRequest | undefined, { spec }: ResourceClaim): string | undefined => {
  if (!exactly) return "alternatives";
  if (exactly.selectors?.length) return "selectors";
  if (exactly.adminAccess) return "admin access";
  if (exactly.allocationMode && exactly.allocationMode !== "ExactCount")
    return `allocation mode ${exactly.allocationMode}`;
  return spec.devices?.constraints?.length ? "constraints" : undefined;
};

const unschedulable = (unschedulableReason: string): DeviceRequests => ({ ...NO_DEVICES, unschedulableReason });

const keyOf = (pod: KubePod, name: string): string => `${pod.metadata.namespace}/${name}`;

/** Of several pending pods with the same claim, the one that has waited longest: the others run where its devices are. */
const firstUsers = (pods: readonly KubePod[]): ReadonlyMap<string, string> => {
  const users = new Map<string, string>();
  const waiting = pods
    .filter(({ spec }) => spec.resourceClaims?.length)
    .sort((one, other) => pendingSince(one) - pendingSince(other) || (podName(one) < podName(other) ? -1 : 1));
  for (const pod of waiting) {
    for (const { claimName } of ownClaims(pod)) {
      const key = claimName === undefined ? undefined : keyOf(pod, claimName);
      if (key !== undefined && !users.has(key)) users.set(key, podName(pod));
    }
  }
  return users;
};

/** `pending`: the pods without a node. What other pods have been given stays counted, whatever state their claims are in. */
export const createDeviceRequests = (
  { devices }: ClusterContext,
  pending: readonly KubePod[],
): ((pod: KubePod) => DeviceRequests) => {
  const classes = new Map(devices?.classes.map((one) => [one.metadata.name, one]));
  const claims = new Map(devices?.claims.map((one) => [`${one.metadata.namespace}/${one.metadata.name}`, one]));
  const users = firstUsers(pending);

  const problemOf = (pod: KubePod, { name, claimName = "" }: OwnClaim, claim: ResourceClaim): string | undefined => {
    if (claim.status?.allocation) return `the devices of resource claim ${name} are allocated on another node`;
    const user = users.get(keyOf(pod, claimName));
    if (user !== undefined && user !== podName(pod)) return `resource claim ${name} is used by ${user} as well`;
    const requests = claim.spec.devices?.requests ?? [];
    const missing = requests.find(({ exactly }) => exactly && !classes.has(exactly.deviceClassName))?.exactly;
    if (missing) return `resource claim ${name}: device class ${missing.deviceClassName} does not exist`;
    const untold = requests.flatMap(({ exactly }) => untoldPart(exactly, claim) ?? [])[0];
    return untold && `resource claim ${name} has ${untold}, and which devices meet them is not known before they exist`;
  };

  const amountsOf = (found: readonly ResourceClaim[]): Amounts => {
    const amounts = new Map<string, number>();
    const requests = found.flatMap(({ spec }) => spec.devices?.requests ?? []).flatMap(({ exactly }) => exactly ?? []);
    for (const { deviceClassName, count = 1 } of requests) {
      const resource = resourceOf(deviceClassName, classes.get(deviceClassName));
      amounts.set(resource, (amounts.get(resource) ?? 0) + count);
    }
    return amounts;
  };

  return (pod) => {
    if (!pod.spec.resourceClaims?.length) return NO_DEVICES;
    if (!devices) return unschedulable("resource claims (dynamic resource allocation) are not supported");
    const own = ownClaims(pod).map((one) => ({ one, claim: claims.get(keyOf(pod, one.claimName ?? "")) }));
    const missing = own.find(({ claim }) => !claim);
    if (missing) return unschedulable(`resource claim ${missing.one.name} does not exist`);
    const found = own.flatMap(({ one, claim }) => (claim ? [{ one, claim }] : []));
    const [unschedulableReason] = found.flatMap(({ one, claim }) => problemOf(pod, one, claim) ?? []);
    return {
      amounts: amountsOf(found.map(({ claim }) => claim)),
      ...(unschedulableReason !== undefined && { unschedulableReason }),
    };
  };
};

/** What kubelet and EC2 tell of; any other resource may be of a device class. */
const KNOWN_RESOURCE =
  /^(?:cpu|memory|ephemeral-storage|hugepages-.*|nvidia\.com\/gpu|aws\.amazon\.com\/neuron.*|vpc\.amazonaws\.com\/.*)$/;

/** Whether the pod requests a resource that a device class may stand for. */
export const mayBeOfDeviceClass = ({ spec }: KubePod): boolean =>
  [...spec.containers, ...(spec.initContainers ?? [])].some(({ resources }) =>
    Object.keys(resources?.requests ?? {}).some((name) => !KNOWN_RESOURCE.test(name)),
  );
