/**
 * Starts and launches that EC2 accepts and then undoes. The reasons are worded as in "Troubleshoot Amazon EC2 instance launch issues" and
 * "Instance terminates immediately" (Amazon EC2 User Guide) and in StateReason (API reference).
 */

/** What EC2 names in the state reason's message. */
export type UndoReason =
  | "Client.InternalError"
  | "Client.VolumeLimitExceeded"
  | "Server.InternalError"
  | "Server.InsufficientInstanceCapacity";

/** EC2 files an exceeded volume limit under another code; only the message names it (Amazon EC2 User Guide). */
export const UNDO_REASON: Readonly<Record<UndoReason, { readonly code: string; readonly message: string }>> = {
  // A volume's KMS key refused the caller (AWS re:Post, "kms-iam-ec2-permission").
  "Client.InternalError": { code: "Client.InternalError", message: "Client.InternalError: Client error on launch" },
  "Client.VolumeLimitExceeded": {
    code: "Server.InternalError",
    message: "Client.VolumeLimitExceeded: Volume limit exceeded",
  },
  "Server.InternalError": { code: "Server.InternalError", message: "Server.InternalError: Internal error on launch" },
  "Server.InsufficientInstanceCapacity": {
    code: "Server.InsufficientInstanceCapacity",
    message: "Server.InsufficientInstanceCapacity: Insufficient capacity to satisfy instance request",
  },
};

/** What a fault may select instances by. */
export interface AffectedInstance {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
}

/** The instances that a fault affects: ids, or a predicate. */
export type Affected = readonly string[] | ((instance: AffectedInstance) => boolean);

export const isAffected = (affected: Affected, instance: AffectedInstance): boolean =>
  typeof affected === "function" ? affected(instance) : affected.includes(instance.id);

export interface Undone {
  /** Replaces the previous selection. */
  failStarts(affected: Affected, reason: UndoReason): void;
  failLaunches(count: number, reason: UndoReason): void;
  /** The reason for undoing the start, if it will be undone. */
  ofStart(instance: AffectedInstance): UndoReason | undefined;
  /** Counts the instance as one of those that `failLaunches` announced. */
  ofLaunch(): UndoReason | undefined;
}

export const createUndone = (): Undone => {
  let starts: { affected: Affected; reason: UndoReason } | undefined;
  let launches: { left: number; reason: UndoReason } | undefined;
  return {
    failStarts: (affected, reason) => {
      starts = { affected, reason };
    },
    failLaunches: (left, reason) => {
      launches = { left, reason };
    },
    ofStart: (instance) => (starts && isAffected(starts.affected, instance) ? starts.reason : undefined),
    ofLaunch: () => {
      if (!launches || launches.left <= 0) return undefined;
      launches.left -= 1;
      return launches.reason;
    },
  };
};
