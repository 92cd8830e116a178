/** Nodes of one kind. */
export interface RequestedLaunch {
  readonly instanceType: string;
  readonly zone: string;
  readonly count: number;
  /** When the oldest of the pods that they are for became unschedulable, in ms. */
  readonly demandSince: number;
}

/** It is answered once, and only while it is young: demand that is still there asks again. */
export interface LaunchRequest {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly askedAt: number;
  readonly launches: readonly RequestedLaunch[];
  /** How many instances of each launch for demand, by token, demand knew of: what came since is part of the answer already. */
  readonly seen: Readonly<Record<string, number>>;
}

/** Counts a pool's instances that were launched for demand, by the token of their launch. */
export const countOverflow = (
  records: readonly { readonly overflow?: unknown; readonly token: string }[],
): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const { overflow, token } of records) if (overflow !== undefined) counts[token] = (counts[token] ?? 0) + 1;
  return counts;
};
