import { Duration } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { ENV } from "../../shared/model/environment.ts";
import type { ReconcilerKind } from "../../shared/model/events.ts";
import { siteRoleArn } from "../../shared/model/site.ts";
import { reject } from "../configuration-fields.ts";
import { type Cluster, type Deployment, sitesOf } from "../deployment.ts";
import { type FunctionName, KUBERNETES_FUNCTION_NAMES } from "../functions.ts";
import { sitePermissions, statePermissions } from "../permissions/by-function.ts";
import { assumePermission } from "../permissions/state.ts";
import { ControllerFunction } from "./controller-function.ts";
import { createDeadLetterQueue } from "./queues.ts";
import { Reconciler, type ReconcilerProps } from "./reconciler.ts";

export interface ControllersProps {
  readonly deployment: Deployment;
  readonly functionsFolder: string;
  readonly table: ITable;
}

type ReconcilerSettings = Pick<ReconcilerProps, "purpose" | "memoryMiB" | "maxConcurrency">;

const RECONCILERS: Readonly<Record<ReconcilerKind, ReconcilerSettings>> = {
  // CPU time grows with memory, and pods wait for demand. There is one key per cluster, so few workers are enough.
  demand: { purpose: "starts standby instances for pending pods", memoryMiB: 1024, maxConcurrency: 5 },
  pool: { purpose: "manages the lifecycle of a pool's instances", memoryMiB: 512, maxConcurrency: 10 },
  // 2 is Lambda's minimum; node classes change rarely, and nothing waits for them.
  nodeclass: { purpose: "resolves node classes to AWS resources", memoryMiB: 512, maxConcurrency: 2 },
};

/** All five functions, with their environment and permissions. */
export class Controllers extends Construct {
  readonly reconcilers: Readonly<Record<ReconcilerKind, Reconciler>>;
  readonly functions: Readonly<Record<FunctionName, ControllerFunction>>;

  constructor(scope: Construct, id: string, { deployment, functionsFolder, table }: ControllersProps) {
    super(scope, id);
    const { clusters, network, options } = deployment;
    const reconciler = (kind: ReconcilerKind) =>
      new Reconciler(this, kind, { kind, functionsFolder, network, options, ...RECONCILERS[kind] });
    this.reconcilers = { demand: reconciler("demand"), pool: reconciler("pool"), nodeclass: reconciler("nodeclass") };

    const { demand, pool, nodeclass } = this.reconcilers;
    const shared = { functionsFolder, options, memoryMiB: 512 };
    this.functions = {
      demand: demand.worker,
      pool: pool.worker,
      nodeclass: nodeclass.worker,
      "ec2-events": new ControllerFunction(this, "ec2-events", {
        name: "ec2-events",
        purpose: "wakes the pool of the instance in an event, and demand if EC2 interrupts it",
        ...shared,
        maxConcurrency: 5,
        timeout: Duration.seconds(30),
      }),
      sweep: new ControllerFunction(this, "sweep", {
        name: "sweep",
        purpose: "wakes overdue keys every minute",
        ...shared,
        maxConcurrency: 2,
        // The next sweep starts after a minute.
        timeout: Duration.seconds(55),
        network,
      }),
    };
    this.functions.sweep.neverRetry(failedSweeps(this));
    const queues = { demand: demand.queue, pool: pool.queue, nodeclass: nodeclass.queue };
    this.addEnvironment(environmentOf(deployment, table, queues));
    const onState = statePermissions({ clusters, table, queues });
    for (const name of names(this.functions)) this.functions[name].allow(...onState[name]);
    this.allowAtSites(deployment);
  }

  /** In their own account and region the functions act as themselves, elsewhere with roles that they assume. */
  private allowAtSites({ clusters, region = "" }: Deployment): void {
    const own = clusters.filter(({ elsewhere }) => !elsewhere);
    const sites = sitesOf(clusters);
    for (const name of KUBERNETES_FUNCTION_NAMES) {
      if (own.length > 0) this.functions[name].allow(...sitePermissions(own)[name]);
      const roles = sites.map((site) => siteRoleArn(name, region, { ...site, clusters: [] }) ?? "");
      if (roles.length > 0) this.functions[name].allow(assumePermission(roles));
    }
  }

  private addEnvironment(environment: Readonly<Record<string, string>>): void {
    for (const controller of Object.values(this.functions)) {
      for (const [name, value] of Object.entries(environment)) controller.function.addEnvironment(name, value);
    }
  }
}

/** One failed sweep is made good by the next; several in an hour are not. */
const failedSweeps = (scope: Construct): IQueue =>
  createDeadLetterQueue(scope, "FailedSweeps", "sweeps that failed within the last hour", {
    retention: Duration.hours(1),
    threshold: 5,
  });

/** Lambda's limit for all variables of a function is 4 KB ("Lambda quotas"); the others need less than the rest. */
const MAX_CLUSTERS_TEXT = 3_000;

const settingsOf = (clusters: readonly Cluster[]): string => {
  const text = JSON.stringify(clusters.map(({ name, elsewhere }) => ({ name, ...elsewhere })));
  if (text.length <= MAX_CLUSTERS_TEXT) return text;
  const allowed = `${MAX_CLUSTERS_TEXT} in the functions' environment; use shorter names or a second deployment`;
  return reject("clusters", `${clusters.length} clusters with ${text.length} characters`, allowed);
};

const environmentOf = (
  { clusters }: Deployment,
  table: ITable,
  queues: Readonly<Record<ReconcilerKind, IQueue>>,
): Record<string, string> => ({
  [ENV.tableName]: table.tableName,
  [ENV.clusters]: settingsOf(clusters),
  [ENV.demandQueueUrl]: queues.demand.queueUrl,
  [ENV.poolQueueUrl]: queues.pool.queueUrl,
  [ENV.nodeClassQueueUrl]: queues.nodeclass.queueUrl,
});

const names = <Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] => Object.keys(record) as Name[];
