/** Summarizes the demo in a few lines. */
import type { DemoResult } from "./scenario.ts";
import type { Waiting } from "./stopwatch.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

const row = (cells: readonly string[]) =>
  `  ${cells.map((cell, index) => cell.padEnd([26, 30, 18, 8][index] ?? 0)).join(" ")}`;

/** Returns a header line and one line per pod. */
export const waitingTable = (waits: readonly Waiting[]): readonly string[] => [
  row(["POD", "NODE", "PENDING→RUNNING", "STRATOS"]),
  ...waits.map(({ pod, node, totalMs, oursMs }) => row([pod, node, seconds(totalMs), seconds(oursMs)])),
];

export const summarize = ({ waits, startCalls, started }: DemoResult, tookMs: number): string => {
  const longest = Math.max(0, ...waits.map(({ totalMs }) => totalMs));
  const ours = Math.max(0, ...waits.map(({ oursMs }) => oursMs));
  return [
    "",
    "Pending → running, in the simulated cloud's time:",
    ...waitingTable(waits),
    "",
    `${waits.length} pods needed ${started} nodes: ${startCalls} StartInstances call${startCalls === 1 ? "" : "s"}. ` +
      `Longest wait ${seconds(longest)}, of which ${seconds(ours)} was Stratos; the rest is EC2, boot, CNI and kubelet as simulated.`,
    `The demo took ${seconds(tookMs)}. None of the instances were real: see README, "What is simulated".`,
    "",
  ].join("\n");
};
