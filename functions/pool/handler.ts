import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { createPoolReconcile } from "../../shared/reconcilers/pool/reconcile.ts";
import { reconcileBySite, startRuntime } from "../../shared/reconcilers/runtime.ts";

const { sites, portsAt, handler: ports } = startRuntime("pool");
const reconcile = reconcileBySite(sites, (site) => createPoolReconcile(portsAt(site)));

/** Keys are `cluster/pool`. */
export const handler = reconcilerHandler("pool", ports, reconcile);
