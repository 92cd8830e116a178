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

/** Stops that take minutes, as they do at times ("Troubleshoot Amazon EC2 instance stop issues", Amazon EC2 User Guide). */
export const SLOW_STOPS: TransitionTimes = { ...MEASURED_TIMES, stop: [60_000, 600_000] };
