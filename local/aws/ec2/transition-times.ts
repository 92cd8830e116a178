type Range = readonly [fromMs: number, toMs: number];

/** How long each state change takes. */
export interface TransitionTimes {
  readonly launch: Range;
  readonly start: Range;
  readonly stop: Range;
  readonly forcedStop: Range;
  readonly terminate: Range;
}

/** Start to running took 16.4 s on an m7i.large (brevdev/ec2-coldboot-research, 2026). */
export const MEASURED_TIMES: TransitionTimes = {
  launch: [12_000, 18_000],
  start: [14_000, 18_000],
  stop: [15_000, 30_000],
  forcedStop: [2_000, 5_000],
  terminate: [17_000, 23_000],
};
