/** What the show comes to, in a few lines. */
import type { DemoResult } from "./scenario.ts";
import type { Waiting } from "./stopwatch.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const row = (cells: readonly string[]) =>
  `  ${cells.map((cell, index) => cell.padEnd([26, 30, 18, 8][index] ?? 0)).join(" ")}`;

/** A line of headings, and one for each pod. */
export const waitingTable = (waits: readonly Waiting[]): readonly string[] => [
  row(["POD", "NODE", "PENDING→RUNNING", "OURS"]),
  ...waits.map(({ pod, node, totalMs, oursMs }) => row([pod, node, seconds(totalMs), seconds(oursMs)])),
];

export const summarize = ({ waits, startCalls, started }: DemoResult, tookMs: number): string => {
  const longest = Math.max(0, ...waits.map(({ totalMs }) => totalMs));
  const ours = Math.max(0, ...waits.map(({ oursMs }) => oursMs));
  return [
    "",
    "Pending → running, in the embedded cloud's time:",
    ...waitingTable(waits),
    "",
    `${waits.length} pods needed ${started} nodes: ${startCalls} StartInstances call${startCalls === 1 ? "" : "s"}. ` +
      `Longest wait ${seconds(longest)}, of which ${seconds(ours)} was Stratos; the rest is EC2, boot, CNI and kubelet as simulated.`,
    `The show took ${seconds(tookMs)}. Nothing here was a real instance: see README, "What is simulated".`,
    "",
  ].join("\n");
};
