import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { createDemandReconcile } from "../../shared/reconcilers/demand/reconcile.ts";
import { reconcileBySite, startRuntime } from "../../shared/reconcilers/runtime.ts";

const { sites, portsAt, handler: ports } = startRuntime("demand");
const reconcile = reconcileBySite(sites, (site) => createDemandReconcile(portsAt(site)));

/** Keys are cluster names. */
export const handler = reconcilerHandler("demand", ports, reconcile);
