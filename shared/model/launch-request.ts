/** Nodes of one instance type in one zone. */
export interface RequestedLaunch {
  readonly instanceType: string;
  readonly zone: string;
  readonly count: number;
  /** When the oldest of the pods that they are for became unschedulable, in ms since the epoch. */
  readonly demandSince: number;
  /** `namespace/name` of the pods for each node, which its record remembers. Nodes at the end may have no entry. */
  readonly pods?: readonly (readonly string[])[];
}

/** A request is fulfilled at most once and expires soon: if the demand persists, demand requests again. */
export interface LaunchRequest {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly launches: readonly RequestedLaunch[];
  /** Instances launched for demand that demand knew of, counted by launch token. Any launched since then count towards this request. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Counts a pool's instances that were launched for demand, by launch token. */
export const countOverflow = (
  records: readonly { readonly overflow?: unknown; readonly token: string }[],
): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { overflow, token } of records) if (overflow !== undefined) counts[token] = (counts[token] ?? 0) + 1;
  return counts;
};
