export type WarmupFailureReason =
  | "NodeNeverRegistered"
  | "ImageMissing"
  | "ReportedFailure"
  | "Timeout"
  | "LaunchFailed";

/** Stored in the table with the pool's slots until a warmup succeeds. */
export interface WarmupFailures {
  /** The number of consecutive launches with a failed instance; several failures in one launch count once. */
  readonly failures: number;
  /** When the latest one was counted, in ms since the epoch. */
  readonly failedAt: number;
  readonly reason: WarmupFailureReason;
  readonly message: string;
  /** Fingerprint of the launch configuration of the failed instances. */
  readonly fingerprint?: string;
}
