import { waitingTable } from "../../local/demo/summary.ts";
import type { Burst } from "./steps/serve-burst.ts";

const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;

/** How long each pod of the burst waited, and Stratos's share of it. */
export const summarize = ({ waits, starts, nodes }: Burst): string => {
  const longest = Math.max(0, ...waits.map(({ totalMs }) => totalMs));
  const ours = Math.max(0, ...waits.map(({ oursMs }) => oursMs));
  const share = longest > 0 ? Math.round((ours / longest) * 100) : 0;
  return [
    "",
    "Pending → running, in real time:",
    ...waitingTable(waits),
    "",
    `${waits.length} pods needed ${nodes.length} nodes: ${starts.length} StartInstances call${starts.length === 1 ? "" : "s"}. ` +
      `Longest wait ${seconds(longest)}, of which ${seconds(ours)} (${share} %) was Stratos; the rest was the scheduler, kubelet,`,
    "the node's network and the simulated EC2, which starts an instance in 2 s; the real one takes about 16 s.",
    "",
  ].join("\n");
};
