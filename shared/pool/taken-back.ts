/** Taking an instance back into use that was on its way to standby. */
import { isReady, type KubeNode } from "../kube/objects.ts";
import type { InstanceRecord } from "./view.ts";

/** Why an instance is running that was to be stopped: pods came that it can serve at once. */
export const TAKEN_BACK = "DemandReturned";

/**
 * Only what was to be stopped for being empty: whatever else a node is drained for still holds. And only until it is on record that
 * EC2 is asked to stop it, for from then on nothing tells how far that has come.
 */
export const canBeTakenBack = (record: InstanceRecord, node: KubeNode | undefined): boolean =>
  record.state === "stopping" &&
  record.reason === "Empty" &&
  record.stopRequestedAt === undefined &&
  node !== undefined &&
  isReady(node);

export const isTakenBack = ({ reason }: InstanceRecord): boolean => reason === TAKEN_BACK;
