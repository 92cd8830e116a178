/** EC2 says of a spot instance that it will interrupt it, or that this has become likely. */
export interface SpotNotice {
  readonly instanceId: string;
  /** The pool whose record has the instance. */
  readonly pool: string;
  readonly kind: SpotNoticeKind;
  /** When EC2 sent it, in ms since the epoch. */
  readonly at: number;
}

/** `rebalance` comes without a deadline, and often before an `interruption`. */
export type SpotNoticeKind = "interruption" | "rebalance";

/** EC2 interrupts a spot instance two minutes after its notice ("Spot Instance interruption notices", Amazon EC2 User Guide). */
export const INTERRUPTED_AFTER_MS = 120_000;

export const interruptionOf = ({ at }: Pick<SpotNotice, "at">): number => at + INTERRUPTED_AFTER_MS;
