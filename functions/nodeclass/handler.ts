import { ec2Client, iamClient, ssmClient } from "../../shared/aws/clients.ts";
import { createNodeClassResources } from "../../shared/aws/node-class-client.ts";
import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { countEc2Errors } from "../../shared/reconcilers/count-ec2-errors.ts";
import { createNodeClassReconcile } from "../../shared/reconcilers/nodeclass/reconcile.ts";
import { reconcileBySite, startRuntime } from "../../shared/reconcilers/runtime.ts";

const { sites, callerAt, portsAt, handler: ports } = startRuntime("nodeclass");
const reconcile = reconcileBySite(sites, (site) => {
  const caller = callerAt(site);
  const ec2 = ec2Client(countEc2Errors(ports.telemetry), caller);
  const resources = createNodeClassResources({ ec2, iam: iamClient(caller), ssm: ssmClient(caller) });
  return createNodeClassReconcile({ ...portsAt(site), resources, region: site.region });
});

/** Keys are `cluster/class`. */
export const handler = reconcilerHandler("nodeclass", ports, reconcile);
