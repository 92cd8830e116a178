import { rfc3339 } from "../time.ts";

interface Transition {
  readonly status: string;
  readonly lastTransitionTime?: string;
}

/** Adds the transition time, which changes only when the status changes. `previous`: the condition as last reported. */
export const withTransitionTime = <C extends { readonly status: string }>(
  condition: C,
  previous: Transition | undefined,
  now: number,
): C & { readonly lastTransitionTime: string } => ({
  ...condition,
  lastTransitionTime: (previous?.status === condition.status && previous.lastTransitionTime) || rfc3339(now),
});
