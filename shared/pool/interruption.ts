/** When an instance has to be left because of what EC2 says about it. Times are milliseconds since the epoch. */
import type { InstanceHealth } from "../model/ec2.ts";

/** Where it can, EC2 itself moves an instance off a broken host within minutes ("Automatic instance recovery", User Guide). */
const IMPAIRED_FOR_MS = 5 * 60_000;
/** Enough time for any drain. Most nodes are empty and stopped once before that, which moves them to another host anyway. */
const EVACUATE_AHEAD_MS = 60 * 60_000;

export const impairmentDue = ({ since }: NonNullable<InstanceHealth["impaired"]>): number => since + IMPAIRED_FOR_MS;

export const eventDue = ({ notBefore }: NonNullable<InstanceHealth["event"]>): number => notBefore - EVACUATE_AHEAD_MS;

/** Whether the instance has to be left now, whatever runs on it. */
export const isInterrupted = ({ impaired, event }: InstanceHealth, now: number): boolean =>
  (impaired !== undefined && now >= impairmentDue(impaired)) || (event !== undefined && now >= eventDue(event));
