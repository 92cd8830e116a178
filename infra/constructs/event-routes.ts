import { Aws, Duration, Fn, Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  CfnEventBusPolicy,
  EventBus,
  EventField,
  type EventPattern,
  type IRuleTarget,
  Match,
  Rule,
  RuleTargetInput,
  Schedule,
} from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as LambdaTarget } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import {
  DETAIL_TYPE,
  FORWARDER_SOURCE_PREFIX,
  type ForwardedMessage,
  forwarderSource,
  type ReconcilerKind,
} from "../../shared/model/events.ts";
import { type Cluster, sitesOf } from "../deployment.ts";
import { raiseAlarm } from "./alarm.ts";
import { EC2_EVENTS, EC2_SOURCE } from "./ec2-events.ts";
import { createDeadLetterQueue } from "./queues.ts";

export interface EventRoutesProps {
  readonly clusters: readonly Cluster[];
  /** The deployment's own; undefined: that of the CDK environment. */
  readonly account: string | undefined;
  readonly queues: Readonly<Record<ReconcilerKind, IQueue>>;
  readonly ec2Events: LambdaTarget;
  readonly sweep: LambdaTarget;
}

/** The bus that forwarders send to. They are configured by hand, so CloudFormation must not generate the name. */
export const BUS_NAME = "stratos";

const HEARTBEAT_PERIOD = Duration.minutes(1);
const SILENT_PERIODS = 5;

/** Routes events to reconcilers: directly to a queue if the event names the key, otherwise through a function. */
export class EventRoutes extends Construct {
  readonly bus: EventBus;
  private readonly undelivered: IQueue;

  constructor(scope: Construct, id: string, { clusters, account, queues, ec2Events, sweep }: EventRoutesProps) {
    super(scope, id);
    this.bus = new EventBus(this, "Bus", {
      eventBusName: BUS_NAME,
      description: "Events from the Stratos forwarders",
    });
    this.undelivered = createDeadLetterQueue(this, "Undelivered", "events that EventBridge could not deliver");

    for (const queue of [...Object.values(queues), this.undelivered]) this.allowRules(queue);

    const source = EventField.fromPath("$.source");
    const pool = { source, name: EventField.fromPath("$.detail.pool") };
    const nodeClass = { source, name: EventField.fromPath("$.detail.nodeClass") };
    const { podsUnschedulable, nodePoolChanged, nodeChanged, nodeClassChanged, nodeUnlabelled } = DETAIL_TYPE;
    this.route("PodsUnschedulable", [podsUnschedulable], this.toQueue(queues.demand, { source }));
    this.route("PoolChanged", [nodePoolChanged, nodeChanged], this.toQueue(queues.pool, pool));
    this.route("NodeClassChanged", [nodeClassChanged], this.toQueue(queues.nodeclass, nodeClass));
    this.route("NodeUnlabelled", [nodeUnlabelled], this.toFunction(ec2Events));
    for (const { name } of clusters) this.routeHeartbeat(name, this.toQueue(queues.demand, { source }));
    this.routeAwsEvents(ec2Events, sweep);
    const sites = sitesOf(clusters);
    if (sites.length > 0) this.routeAwsEventsOfSites(ec2Events);
    const others = Map.groupBy(sites, (site) => site.account);
    for (const [id, group] of others)
      if (id !== account)
        this.admitAccount(
          id,
          group.flatMap((site) => site.clusters),
        );
  }

  /** Not the CDK's target, which adds a statement for each rule: a queue's policy has 20 at most ("Amazon SQS policy quotas"). */
  private toQueue(queue: IQueue, message: ForwardedMessage): IRuleTarget {
    const input = RuleTargetInput.fromObject(message);
    return { bind: () => ({ arn: queue.queueArn, input, deadLetterConfig: { arn: this.undelivered.queueArn } }) };
  }

  /** All rules of the bus. */
  private allowRules(queue: IQueue): void {
    const rules = Stack.of(this).formatArn({ service: "events", resource: "rule", resourceName: `${BUS_NAME}/*` });
    queue.addToResourcePolicy(
      new PolicyStatement({
        sid: "RulesOfTheBus",
        principals: [new ServicePrincipal("events.amazonaws.com")],
        actions: ["sqs:SendMessage"],
        resources: [queue.queueArn],
        conditions: { ArnLike: { "aws:SourceArn": rules } },
      }),
    );
  }

  private toFunction(target: LambdaTarget): IRuleTarget {
    return new LambdaFunction(target, { deadLetterQueue: this.undelivered });
  }

  /** The functions drop events from clusters that this deployment does not serve: a list of clusters would exceed a pattern's size. */
  private route(
    id: string,
    detailType: string[],
    target: IRuleTarget,
    source: EventPattern["source"] = Match.prefix(FORWARDER_SOURCE_PREFIX),
  ): Rule {
    return new Rule(this, id, { eventBus: this.bus, eventPattern: { source, detailType }, targets: [target] });
  }

  /** One rule per cluster, because EventBridge counts matched events per rule. */
  private routeHeartbeat(cluster: string, target: IRuleTarget): void {
    const rule = this.route(`Heartbeat-${cluster}`, [DETAIL_TYPE.heartbeat], target, [forwarderSource(cluster)]);
    // A rule's `Ref` on a custom bus is `bus|rule`; its ARN ends in `rule/bus/rule`.
    const ruleName = Fn.select(2, Fn.split("/", rule.ruleArn));
    raiseAlarm(this, `ForwarderSilent-${cluster}`, {
      metric: new Metric({
        namespace: "AWS/Events",
        metricName: "MatchedEvents",
        // Those of rules on custom buses (EventBridge User Guide, "Monitoring Amazon EventBridge").
        dimensionsMap: { EventBusName: BUS_NAME, RuleName: ruleName },
        statistic: "Sum",
        period: HEARTBEAT_PERIOD,
      }),
      threshold: 1,
      periods: SILENT_PERIODS,
      whenSilent: true,
      summary: `The forwarder of cluster ${cluster} has sent no heartbeat for 5 minutes`,
      runbook: "forwarder-silent",
    });
  }

  /** They send EC2's events to the bus. AWS's sources cannot be forged: only AWS can send from them. */
  private routeAwsEventsOfSites(ec2Events: LambdaTarget): void {
    for (const [id, eventPattern] of Object.entries(EC2_EVENTS))
      new Rule(this, `${id}OfSites`, { eventBus: this.bus, eventPattern, targets: [this.toFunction(ec2Events)] });
  }

  /** Another account may send EC2's events and those of its own clusters' forwarders, nothing else. */
  private admitAccount(account: string, clusters: readonly Cluster[]): void {
    const sources = [EC2_SOURCE, ...clusters.map(({ name }) => forwarderSource(name))];
    new CfnEventBusPolicy(this, `Admit-${account}`, {
      eventBusName: this.bus.eventBusName,
      statementId: `account-${account}`,
      statement: {
        Effect: "Allow",
        Principal: { AWS: `arn:${Aws.PARTITION}:iam::${account}:root` },
        Action: "events:PutEvents",
        Resource: this.bus.eventBusArn,
        Condition: { StringEquals: { "events:source": sources } },
      },
    });
  }

  private routeAwsEvents(ec2Events: LambdaTarget, sweep: LambdaTarget): void {
    for (const [id, eventPattern] of Object.entries(EC2_EVENTS))
      new Rule(this, id, { eventPattern, targets: [this.toFunction(ec2Events)] });
    new Rule(this, "EveryMinute", {
      description: "Runs the sweep, which wakes keys whose events were lost",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [this.toFunction(sweep)],
    });
  }
}
