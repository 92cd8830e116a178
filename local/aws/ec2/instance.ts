/** An instance as the simulator stores it. */

import type { InstanceProfile } from "../iam/instance-profiles.ts";
import type { InstanceType } from "./catalog/instance-type.ts";
import type { MachineEvent } from "./machines.ts";
import type { Placement } from "./placement.ts";
import type { Volume } from "./volume.ts";

export type State = MachineEvent["state"];

/** The low byte of EC2's state codes (API reference, InstanceState). */
export const STATE_CODE: Readonly<Record<State, number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};

export interface MetadataOptions {
  readonly httpTokens: string;
  readonly httpPutResponseHopLimit: number;
  readonly httpEndpoint: string;
}

/** What changes with an instance's state, and what a lagging describe shows of an earlier one. */
export type ShownState = Pick<Instance, "state" | "stateSince" | "stateReason" | "transitionReason" | "launchTime">;

/** The status checks of a running instance ("Status checks for your instances", Amazon EC2 User Guide). */
export type StatusCheck = "instance" | "system";

/** An event that EC2 scheduled for an instance ("Scheduled events for your instances", Amazon EC2 User Guide). */
export interface ScheduledEvent {
  readonly id: string;
  readonly code: string;
  readonly notBefore: number;
  /** EC2 keeps returning a completed event for a while. */
  isOver: boolean;
}

export interface Instance {
  readonly id: string;
  readonly reservationId: string;
  /** Increases with every launch; result pages list instances in this order. */
  readonly sequence: number;
  readonly amiLaunchIndex: number;
  readonly clientToken: string;
  /** Changes only while the instance is stopped. */
  type: InstanceType;
  readonly imageId: string;
  readonly rootDeviceName: string;
  readonly architecture: string;
  readonly subnetId: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly privateIp: string;
  readonly ipv6Address: string | undefined;
  /** Held by the network plugin. */
  readonly podAddresses: string[];
  readonly privateDnsName: string;
  readonly networkInterfaceId: string;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly placement: Placement;
  readonly profile: InstanceProfile | undefined;
  /** Base64, as sent. */
  readonly userData: string;
  readonly metadataOptions: MetadataOptions;
  readonly shutdownBehavior: "stop" | "terminate";
  readonly hibernation: boolean;
  spotRequestId: string | undefined;
  readonly volumes: readonly Volume[];
  /** When the volumes are attached. */
  readonly attachedAt: number;
  /** Calls do not find the instance before this time: EC2's eventual consistency. */
  readonly visibleAt: number;
  terminationProtected: boolean;
  stopProtected: boolean;
  /** The failing checks and the time each began to fail. */
  readonly impaired: Map<StatusCheck, number>;
  readonly events: ScheduledEvent[];
  state: State;
  /** When the instance entered `state`. */
  stateSince: number;
  stateReason: { readonly code: string; readonly message: string } | undefined;
  transitionReason: string;
  /** The time of the latest start, not the first. */
  launchTime: number;
  /** 1 for the first boot. */
  boot: number;
  readonly console: string[];
  /** Cancels the pending state change. */
  cancelChange: () => void;
}
