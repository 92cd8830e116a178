import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { SQSHandler } from "aws-lambda";
import type { ReconcilerKind } from "../model/events.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { processWakes } from "./process-wakes.ts";
import type { Reconcile } from "./types.ts";
import type { WakeQueue } from "./wake-queue.ts";
import { createWorkTable } from "./work-table.ts";

export interface HandlerPorts {
  /** The clusters that this deployment serves. */
  readonly clusters: readonly string[];
  readonly documents: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly wakeQueue: WakeQueue;
  readonly telemetry: Telemetry;
}

/** The Lambda handler that drains a reconciler's queue. */
export const reconcilerHandler = (
  kind: ReconcilerKind,
  { clusters, documents, tableName, wakeQueue, telemetry }: HandlerPorts,
  reconcile: Reconcile,
): SQSHandler => {
  const table = createWorkTable(documents, tableName);
  return (event, context) => {
    const ports = {
      kind,
      clusters,
      table,
      wakeQueue,
      telemetry,
      now: () => Date.now(),
      remainingMs: () => context.getRemainingTimeInMillis(),
      owner: context.awsRequestId,
    };
    return processWakes(event, ports, reconcile);
  };
};
