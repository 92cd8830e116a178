/**
 * Where a CSI driver has enough free storage for a claim, for drivers that tell their capacity (CSIStorageCapacity).
 * Source: k8s.io/kubernetes/pkg/scheduler/framework/plugins/volumebinding, binder.go, hasEnoughCapacity.
 */
import type { Labels } from "../model/kubernetes/objects.ts";
import type { LabelSelector } from "../model/kubernetes/scheduling.ts";
import type { CsiStorageCapacity, PersistentVolumeClaim } from "../model/kubernetes/storage.ts";
import { toAmounts } from "../scheduling/resource-amount.ts";
import { selectorKeys, selects } from "../scheduling/selector.ts";

/** A claim whose volume is still to be provisioned. */
export interface StorageNeed {
  readonly claim: string;
  /** The nodes from which there is access to storage with enough room for the claim, and with too little. */
  readonly enough: readonly LabelSelector[];
  readonly tooLittle: readonly LabelSelector[];
}

const bytes = (quantity: string | number | undefined): number =>
  quantity === undefined ? 0 : (toAmounts({ storage: quantity }).get("storage") ?? 0);

const topologies = (capacities: readonly CsiStorageCapacity[]): readonly LabelSelector[] =>
  capacities.flatMap(({ nodeTopology }) => nodeTopology ?? []);

/** Undefined if the driver tells nothing about the claim's storage class. `capacities`: of drivers that the scheduler asks for their capacity. */
export const storageNeedOf = (
  { metadata, spec }: PersistentVolumeClaim,
  capacities: readonly CsiStorageCapacity[],
): StorageNeed | undefined => {
  const ofClass = capacities.filter(({ storageClassName }) => storageClassName === spec.storageClassName);
  if (ofClass.length === 0) return undefined;
  const size = bytes(spec.resources?.requests?.storage);
  const { true: enough = [], false: tooLittle = [] } = Object.groupBy(ofClass, ({ maximumVolumeSize, capacity }) =>
    bytes(maximumVolumeSize ?? capacity) >= size ? "true" : "false",
  );
  return { claim: metadata.name, enough: topologies(enough), tooLittle: topologies(tooLittle) };
};

/**
 * Whether the node has access to storage with too little room only. A node of which the driver tells nothing may get storage once it runs; the
 * scheduler waits for that.
 */
export const lacksStorage = ({ enough, tooLittle }: StorageNeed, labels: Labels): boolean => {
  const matches = (selectors: readonly LabelSelector[]) => selectors.some((selector) => selects(selector)(labels));
  return matches(tooLittle) && !matches(enough);
};

/** The label keys that decide. */
export const storageKeys = ({ enough, tooLittle }: StorageNeed): readonly string[] =>
  [...enough, ...tooLittle].flatMap(selectorKeys);
