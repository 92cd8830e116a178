import { describe, expect, it } from "vitest";
import { admit, type Wake } from "../../../shared/queue/admit.ts";
import type { WorkItem } from "../../../shared/queue/work-table.ts";
import { aWorkItem } from "./in-memory.ts";

const NOW = 1_000_000;

/** Reconciled a minute ago, for a wake that was sent just before. */
const QUIET = aWorkItem({ lastDoneAt: NOW - 60_000, endedAt: NOW - 60_000, answeredUntil: NOW - 60_100 });
const JUST_ENDED = { lastDoneAt: NOW - 200, endedAt: NOW - 200, answeredUntil: NOW - 300 };
const HELD = { dirtySeq: 2, seenSeq: 2, leaseOwner: "other", leaseUntil: NOW + 60_000 };
const MARKED = { ...HELD, dirtySeq: 3 };
const CRASHED = { ...HELD, leaseUntil: NOW - 1 };
const BACKING_OFF = { dirtySeq: 2, failures: 5, endedAt: NOW - 200, nextWakeAt: NOW + 30_000 };

const EVENT: Wake = { at: undefined, sentAt: NOW - 50, isRedelivered: false };
const OLD: Wake = { ...EVENT, sentAt: NOW - 70_000, isRedelivered: true };
const timer = (at: number): Wake => ({ at, sentAt: at - 10_000, isRedelivered: false });

interface Case {
  readonly name: string;
  readonly item?: Partial<WorkItem> | "none";
  readonly wakes?: readonly Wake[];
  readonly expected: string;
}

describe("a wake for a key", () => {
  it.each<Case>([
    { name: "that was never reconciled", item: "none", expected: "reconcile" },
    { name: "that is gone: its timer", item: "none", wakes: [timer(NOW)], expected: "acknowledge" },
    { name: "that is quiet", expected: "reconcile" },
    { name: "that was reconciled after the wake was sent", wakes: [OLD], expected: "acknowledge" },
    { name: "that is quiet: an old wake and a new one", wakes: [OLD, EVENT], expected: "reconcile" },
    {
      name: "that was reconciled for this very message",
      wakes: [{ ...OLD, sentAt: QUIET.answeredUntil }],
      expected: "acknowledge",
    },
    {
      name: "that was reconciled for another message of the same millisecond",
      wakes: [{ ...EVENT, sentAt: QUIET.answeredUntil }],
      expected: "reconcile",
    },

    { name: "that was reconciled a moment ago", item: JUST_ENDED, expected: "postpone +800" },
    { name: "that was reconciled a second ago", item: { endedAt: NOW - 1_000 }, expected: "reconcile" },
    {
      name: "that is about to be reconciled",
      item: { ...JUST_ENDED, nextWakeAt: NOW + 800 },
      expected: "covered",
    },
    {
      name: "that was about to be reconciled later",
      item: { ...JUST_ENDED, nextWakeAt: NOW + 801 },
      expected: "postpone +800",
    },
    {
      name: "that was reconciled just before its timer arrived",
      item: { ...JUST_ENDED, nextWakeAt: NOW },
      wakes: [timer(NOW)],
      expected: "postpone +800",
    },
    {
      name: "whose timer arrives early, just after it was reconciled",
      item: { ...JUST_ENDED, nextWakeAt: NOW + 500 },
      wakes: [timer(NOW + 500), EVENT],
      expected: "postpone +800",
    },
    { name: "that failed a moment ago", item: BACKING_OFF, expected: "postpone +800" },
    { name: "that is backing off", item: { ...BACKING_OFF, endedAt: NOW - 5_000 }, expected: "reconcile" },

    { name: "that another worker reconciles", item: HELD, expected: "mark" },
    { name: "that another worker reconciles and that is marked", item: MARKED, expected: "covered" },
    { name: "that another worker reconciles, answered before", item: HELD, wakes: [OLD], expected: "covered" },
    { name: "whose worker crashed", item: CRASHED, expected: "reconcile" },
    { name: "whose worker crashed: its message, whatever it is", item: CRASHED, wakes: [OLD], expected: "reconcile" },
    { name: "whose worker crashed: its timer", item: CRASHED, wakes: [timer(NOW - 70_000)], expected: "reconcile" },
    {
      name: "whose worker crashed before it could send the timer",
      item: { nextWakeAt: NOW - 1 },
      wakes: [OLD],
      expected: "reconcile",
    },

    { name: "by its timer", item: { nextWakeAt: NOW }, wakes: [timer(NOW)], expected: "reconcile" },
    {
      name: "by its timer, a little early",
      item: { nextWakeAt: NOW + 900 },
      wakes: [timer(NOW + 900)],
      expected: "reconcile",
    },
    {
      name: "by a timer that was moved",
      item: { nextWakeAt: NOW + 9_000 },
      wakes: [timer(NOW)],
      expected: "acknowledge",
    },
    { name: "by a timer that was cleared", wakes: [timer(NOW)], expected: "acknowledge" },
    {
      name: "by a timer that is obsolete, while it backs off",
      item: BACKING_OFF,
      wakes: [timer(NOW)],
      expected: "acknowledge",
    },
    {
      name: "by its timer, while another worker reconciles",
      item: { ...HELD, nextWakeAt: NOW },
      wakes: [timer(NOW)],
      expected: "mark",
    },
  ])("$name: $expected", ({ item = {}, wakes = [EVENT], expected }) => {
    const admission = admit(item === "none" ? undefined : { ...QUIET, ...item }, wakes, NOW);
    const found = admission.kind === "postpone" ? `postpone +${admission.until - NOW}` : admission.kind;
    expect(found).toBe(expected);
  });
});
