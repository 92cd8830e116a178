/** The forwarder's container, and its connection to the simulated API server. */
import type { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { startForwarder } from "../../forwarder/forwarder.ts";
import { type KubeApi, KubeApiError, type KubeWatchEvent } from "../../forwarder/kube-api.ts";
import { KubeError } from "../../shared/kube/client.ts";
import type { Process } from "./call.ts";
import type { Cloud } from "./environment.ts";
import { CLUSTER } from "./kube.ts";
import { BUS } from "./messaging.ts";
import type { Random } from "./random.ts";
import type { Command } from "./sdk.ts";

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** Until a watch delivers what was written. */
const WATCH_MS = 5;

/** `/api/v1/pods` and `/apis/stratos.sh/v1alpha1/nodepools` as the store names them. */
const resourceOf = (path: string): string => {
  const [root, group = "", , plural = ""] = path.split("/").filter(Boolean);
  return root === "api" ? (path.split("/").at(-1) ?? "") : `${plural}.${group}`;
};

const createApi = ({ clock, kube, calls }: Cloud, process: Process): KubeApi => {
  const watches = new Set<(error: Error) => void>();
  process.onEnd.add(() => watches.clear());
  return {
    list: async <T>(path: string, query: Readonly<Record<string, string>>) => {
      const call = { process, service: "kube", operation: "GET", detail: () => path } as const;
      try {
        return (await calls.run(call, () => kube.execute({ method: "GET", path, query }))) as { items: T[] };
      } catch (error) {
        throw error instanceof KubeError ? new KubeApiError(error.status, error.message) : error;
      }
    },
    watch: <T>(
      path: string,
      query: Readonly<Record<string, string>>,
      listener: Parameters<KubeApi["watch"]>[2],
      signal: AbortSignal,
    ) => {
      const call = { process, service: "kube", operation: "GET", detail: () => `watch ${path}` } as const;
      return calls
        .run(call, () => {
          const resource = resourceOf(path);
          const missed = kube.store.history.since(resource, Number(query.resourceVersion));
          if (!missed) throw new KubeApiError(410, "too old resource version");
          listener.onOpen();
          const deliver = (event: { readonly type: string; readonly object: unknown }) =>
            clock.after(WATCH_MS, () => {
              if (!process.isAlive || !isOpen) return;
              clock.resume();
              listener.onEvent(event as KubeWatchEvent<T>);
            });
          let isOpen = true;
          for (const event of missed) deliver(event);
          const unsubscribe = kube.store.subscribe(resource, deliver);
          const { promise, resolve, reject } = Promise.withResolvers<void>();
          // Nobody waits for the watch of a process that has ended.
          promise.catch(() => {});
          const close = (end: () => void) => {
            isOpen = false;
            unsubscribe();
            clock.resume();
            end();
          };
          clock.after(Number(query.timeoutSeconds) * 1000, () => close(resolve));
          signal.addEventListener("abort", () => close(() => reject(signal.reason)));
          process.onEnd.add(() => close(() => {}));
          return { promise };
        })
        .then(({ promise }) => promise);
    },
  };
};

export interface SimulatedForwarder {
  /** The container ends; Kubernetes starts another one after a while. */
  crash(restartMs: number): void;
}

export const startSimulatedForwarder = (cloud: Cloud, random: Random): SimulatedForwarder => {
  const { clock, calls, messaging } = cloud;
  let starts = 0;
  let running: Process | undefined;

  const start = (): void => {
    starts += 1;
    const process: Process = { name: `forwarder#${starts}`, skewMs: 0, isAlive: true, faults: 0, onEnd: new Set() };
    const send = (command: Command) =>
      calls.run(
        { process, service: "eventbridge", operation: "PutEvents", detail: () => JSON.stringify(command.input) },
        () => messaging().executeEvents(command),
      );
    clock.resume();
    const forwarder = startForwarder({
      api: createApi(cloud, process),
      eventBridge: { send } as unknown as EventBridgeClient,
      cluster: CLUSTER,
      busName: BUS,
      log: QUIET,
      clock,
      random,
    });
    process.onEnd.add(() => void forwarder.stop());
    running = process;
  };

  start();
  return {
    crash: (restartMs) => {
      if (!running) return;
      calls.end(running, "killed");
      running = undefined;
      clock.after(restartMs, start);
    },
  };
};
