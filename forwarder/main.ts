import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { KubeConfig } from "@kubernetes/client-node";
import { collectDefaultMetrics } from "prom-client";
import { systemClock } from "./clock.ts";
import { startForwarder } from "./forwarder.ts";
import { createKubeApi } from "./kube-api.ts";
import { describeError, jsonLog } from "./log.ts";

/** Variables set by the Deployment. Region and credentials come from the AWS SDK's default chain, which includes EKS Pod Identity. */
const ENV = {
  cluster: "STRATOS_CLUSTER",
  eventBus: "STRATOS_EVENT_BUS",
  /** The port for `/livez`, `/readyz` and `/metrics`; defaults to 8080. */
  port: "STRATOS_HTTP_PORT",
} as const;

const required = (name: string): string => {
  const value = process.env[name];
  if (value) return value;
  throw new Error(`the environment variable ${name} is not set`);
};

const main = async (): Promise<void> => {
  const cluster = required(ENV.cluster);
  const log = jsonLog((line) => process.stdout.write(line), Date.now, { service: "forwarder", cluster });
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  const eventBridge = new EventBridgeClient({
    // The forwarder does its own retries, and merges events that arrive meanwhile.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 1000, requestTimeout: 5000 },
  });
  const forwarder = startForwarder({
    api: createKubeApi(kubeConfig, systemClock),
    eventBridge,
    cluster,
    busName: required(ENV.eventBus),
    log,
    http: { host: "0.0.0.0", port: Number(process.env[ENV.port] ?? 8080) },
  });
  collectDefaultMetrics({ register: forwarder.metrics });

  const stop = (signal: string) => {
    log.info("stopping", { signal });
    void forwarder.stop().then(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  await forwarder.ready;
  log.info("in sync", { url: forwarder.url() });
};

main().catch((error: unknown) => {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(1);
});
