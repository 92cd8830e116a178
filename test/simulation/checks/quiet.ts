/** Promise 14 and the cost: a world that has recovered changes nothing but its heartbeats, for as long as nothing changes. */
import type { TableWrite } from "../../shared/in-memory-documents.ts";
import type { KubeRequest } from "../kube.ts";
import { type Command, nameOf } from "../sdk.ts";
import { podsOf } from "../state.ts";
import type { SimulatedWorld } from "../world.ts";

/** A pool is looked at every 30 s, and demand every minute by the sweep and every minute by the heartbeat. */
const MAX_PER_MINUTE: Readonly<Record<string, number>> = { pool: 3, demand: 3, nodeclass: 2 };
/** While pods wait: demand every 10 s by the forwarder and every 15 s by itself, and the pools that they wait for as often. */
const MAX_WITH_WAITING_PODS: Readonly<Record<string, number>> = { pool: 16, demand: 12, nodeclass: 2 };

export interface QuietTime {
  /** What broke the quiet so far. */
  problems(pools: number): readonly string[];
}

/** A class's status says how many addresses are free, as of its last reconcile. */
const isHeartbeat = ({ path }: KubeRequest): boolean => /\/(nodepools|awsnodeclasses)\/[^/]+\/status$/.test(path);

const hasWaitingPods = (world: SimulatedWorld): boolean =>
  podsOf(world).some(({ spec }) => spec.nodeName === undefined);

/** Pods for which there is no room are reminded of it. */
const isReminder = (world: SimulatedWorld, { path }: KubeRequest): boolean =>
  path.includes("/events") && hasWaitingPods(world);

export const beginQuietTime = (world: SimulatedWorld): QuietTime => {
  const found: string[] = [];
  const startedAt = world.clock.now();
  const before = { ...world.functions.reconciles };
  world.hooks.afterEc2.add((command: Command) => {
    if (!nameOf(command).startsWith("Describe")) found.push(`${nameOf(command)} ${JSON.stringify(command.input)}`);
  });
  world.hooks.beforeKube.add((request) => {
    if (request.method !== "GET" && !isHeartbeat(request) && !isReminder(world, request))
      found.push(`${request.method} ${request.path} ${JSON.stringify(request.body)}`);
  });
  const { onWrite } = world.documents;
  world.documents.onWrite = (write: TableWrite) => {
    onWrite(write);
    const item = write.after ?? write.before;
    if (String(item?.pk).startsWith("POOL#")) found.push(`${item?.sk}: ${JSON.stringify(write.after)}`);
  };
  return {
    problems: (pools) => {
      const minutes = (world.clock.now() - startedAt) / 60_000;
      const limits = hasWaitingPods(world) ? MAX_WITH_WAITING_PODS : MAX_PER_MINUTE;
      const costs = Object.entries(limits).flatMap(([name, most]) => {
        const perMinute = ((world.functions.reconciles[name] ?? 0) - (before[name] ?? 0)) / minutes;
        const limit = name === "pool" ? most * pools : most;
        return perMinute > limit ? [`${name} was reconciled ${perMinute.toFixed(1)} times a minute`] : [];
      });
      return [...found, ...costs];
    },
  };
};
