import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { type Forwarder, type ForwarderOptions, startForwarder } from "../../forwarder/forwarder.ts";
import { type ForwarderHttp, serveHttp } from "../../forwarder/http-server.ts";
import { createKubeApi } from "../../forwarder/kube-api.ts";
import { createEventBridge, type EventBridge } from "../../local/aws/eventbridge/event-bridge.ts";
import { ACCOUNT, type BusEvent, type CloudService, REGION } from "../../local/aws/gateway/service.ts";
import { createClock, type VirtualClock } from "../../local/clock.ts";
import { serve } from "../local/aws/sqs/serve.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";

export interface Stage {
  readonly clock: VirtualClock;
  readonly api: ApiServer;
  readonly bridge: EventBridge;
  /** Injects failures of PutEvents: for whole requests, or for requests with events of a detail type. */
  readonly bus: { rejectAll: boolean; rejectType: string | undefined; requests: number };
  readonly logs: string[];
  /** What a forwarder is started with. */
  readonly options: ForwarderOptions;
  start(): Promise<Forwarder>;
  /** Where the started forwarder's health and metrics are served. */
  url(): string | undefined;
  /** The events since the last call as `detail type: name`, after all events in flight have arrived. */
  events(): Promise<string[]>;
  stop(): Promise<void>;
}

/** A forwarder between a fake API server and the local EventBridge, over HTTP, in virtual time. */
export const createStage = async (): Promise<Stage> => {
  const clock = createClock(Number.POSITIVE_INFINITY, Date.UTC(2026, 10, 24), 0);
  const api = await startApiServer();
  const bus: Stage["bus"] = { rejectAll: false, rejectType: undefined, requests: 0 };
  const logs: string[] = [];
  let received: BusEvent[] = [];
  const bridge = createEventBridge({
    clock,
    account: ACCOUNT,
    region: REGION,
    random: () => 0,
    targets: { sqs: () => undefined, lambda: (_, event) => received.push(event as BusEvent) },
  });
  bridge.createBus("stratos");
  const pattern = { source: [{ prefix: "stratos.forwarder/" }] };
  const Arn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:recorder`;
  bridge.putRule({ name: "all", busName: "stratos", pattern, targets: [{ Id: "1", Arn }] });
  const service: CloudService = {
    signingName: "events",
    handle: async (request) => {
      bus.requests += 1;
      if (bus.rejectAll) return { status: 500, body: '{"__type":"InternalException"}' };
      const entries = JSON.parse(request.body.toString()).Entries as { DetailType: string }[];
      const isRejected = entries.some((entry) => entry.DetailType === bus.rejectType);
      if (!isRejected) return bridge.service.handle(request);
      const Entries = entries.map(() => ({ ErrorCode: "ThrottlingException" }));
      return { status: 200, body: JSON.stringify({ FailedEntryCount: Entries.length, Entries }) };
    },
  };
  const endpoint = await serve(clock, () => service);
  const eventBridge = new EventBridgeClient({ ...endpoint.client, maxAttempts: 1 });
  let forwarder: Forwarder | undefined;
  let http: ForwarderHttp | undefined;

  const log = (message: string) => void logs.push(message);
  const options: ForwarderOptions = {
    api: createKubeApi(api.kubeConfig, clock),
    eventBridge,
    cluster: "my-cluster",
    busName: "stratos",
    clock,
    random: () => 0.5,
    log: { info: log, warn: log, error: log },
  };
  return {
    options,
    clock,
    api,
    bridge,
    bus,
    logs,
    start: async () => {
      forwarder = startForwarder(options);
      const { metrics, problems, ready } = forwarder;
      http = await serveHttp({ host: "127.0.0.1", port: 0 }, problems, () => metrics);
      await ready;
      return forwarder;
    },
    url: () => http?.url,
    events: async () => {
      await clock.sleep(1000);
      const descriptions = received.map(describe);
      received = [];
      return descriptions.filter((event) => !event.startsWith("Forwarder Heartbeat")).sort();
    },
    stop: async () => {
      forwarder?.stop();
      await http?.stop();
      bridge.stop();
      eventBridge.destroy();
      clock.stop();
      await Promise.all([endpoint.stop(), api.stop()]);
    },
  };
};

const describe = (event: BusEvent): string => {
  const { cluster, ...names } = event.detail as Record<string, string>;
  if (cluster !== "my-cluster") throw new Error(`received an event from another cluster: ${JSON.stringify(event)}`);
  return `${event["detail-type"]}: ${Object.values(names).join(" ")}`.replace(/: $/, "");
};
