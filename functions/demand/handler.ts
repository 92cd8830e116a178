import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { createDemandReconcile } from "../../shared/reconcilers/demand/reconcile.ts";
import { startRuntime } from "../../shared/reconcilers/runtime.ts";

const { ports, handler: handlerPorts } = startRuntime("demand");

/** Keys are cluster names. */
export const handler = reconcilerHandler("demand", handlerPorts, createDemandReconcile(ports));
