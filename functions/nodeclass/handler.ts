import { ec2Client, iamClient, ssmClient } from "../../shared/aws/clients.ts";
import { createNodeClassResources } from "../../shared/aws/node-class-client.ts";
import { readSettings } from "../../shared/model/environment.ts";
import { reconcilerHandler } from "../../shared/queue/handler.ts";
import { countEc2Errors } from "../../shared/reconcilers/count-ec2-errors.ts";
import { createNodeClassReconcile } from "../../shared/reconcilers/nodeclass/reconcile.ts";
import { startRuntime } from "../../shared/reconcilers/runtime.ts";

const { region } = readSettings(process.env);
const { ports, handler: handlerPorts } = startRuntime("nodeclass");
const ec2 = ec2Client(countEc2Errors(ports.telemetry));
const resources = createNodeClassResources({ ec2, iam: iamClient(), ssm: ssmClient() });

/** Keys are `cluster/class`. */
export const handler = reconcilerHandler(
  "nodeclass",
  handlerPorts,
  createNodeClassReconcile({ ...ports, resources, region }),
);
