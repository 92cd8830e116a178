import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { createPoolReconcile } from "../../shared/reconcilers/pool/reconcile.ts";
import { startRuntime } from "../../shared/reconcilers/runtime.ts";

const { ports, handler: handlerPorts } = startRuntime("pool");

/** Keys are `cluster/pool`. */
export const handler = reconcilerHandler("pool", handlerPorts, createPoolReconcile(ports));
