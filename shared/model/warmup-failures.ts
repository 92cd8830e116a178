export type WarmupFailureReason = "NodeNeverRegistered" | "ImageMissing" | "ReportedFailure" | "Timeout";

/** Kept in the table with the pool's slots, until a warmup succeeds. */
export interface WarmupFailures {
  /** Launches in a row of which an instance failed; those of one launch count once. */
  readonly failures: number;
  /** When the latest of them was counted, in ms. */
  readonly failedAt: number;
  readonly reason: WarmupFailureReason;
  readonly message: string;
  /** Of what the instances were made from. */
  readonly fingerprint?: string;
}
