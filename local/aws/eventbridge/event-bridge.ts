import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock.ts";
import { type AwsJsonProtocol, answerAwsJson } from "../gateway/aws-json.ts";
import { type BusEvent, CloudError, type CloudService } from "../gateway/service.ts";
import { createBusPolicies } from "./bus-policies.ts";
import { deliver, type Targets } from "./delivery.ts";
import type { BusEntry } from "./entry.ts";
import { type BusFaults, type FaultCounts, noBusFaults, planDeliveries } from "./faults.ts";
import { putEventsAction } from "./put-events.ts";
import { DEFAULT_BUS, noRuleMetrics, type Rule, type RuleMetrics, type RuleSpec } from "./rule.ts";
import { ruleActions } from "./rule-actions.ts";
import { createRuleBook } from "./rule-book.ts";
import { renderInput } from "./target-input.ts";

export interface EventBridge {
  readonly service: CloudService;
  readonly faults: BusFaults;
  readonly counts: Readonly<FaultCounts>;
  /** Creates a bus and returns its ARN; the default bus always exists. */
  createBus(name: string): string;
  /** Creates or replaces a rule with its targets; returns its ARN. */
  putRule(rule: RuleSpec): string;
  /** Delivers the event to the bus's rules and returns its id. Throws ResourceNotFoundException for an unknown bus. */
  put(busName: string, entry: BusEntry): string;
  /** Receives an event from a rule of another account or region. Throws AccessDenied unless the bus's policy admits the account. */
  receive(busName: string, event: BusEvent): void;
  /** Adds a statement to a bus's policy. */
  setPolicy(busName: string, statementId: string, statement: unknown): void;
  /** All zero if the rule does not exist. */
  metrics(ruleName: string, busName?: string): Readonly<RuleMetrics>;
  rules(busName?: string): readonly Rule[];
  /** Stops schedules; deliveries in progress complete. */
  stop(): void;
}

export interface EventBridgeOptions {
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly targets: Targets;
  /** Returns values in [0, 1); the same seed reproduces latencies and faults. */
  readonly random: () => number;
  readonly faults?: BusFaults;
}

/** Simulates EventBridge: buses, rules with patterns, transformers and schedules, and SQS and Lambda targets. */
export const createEventBridge = (options: EventBridgeOptions): EventBridge => {
  const { clock, targets, random, faults = noBusFaults() } = options;
  const counts: FaultCounts = { delivered: 0, duplicated: 0, dropped: 0, delayed: 0, reordered: 0 };

  const fire = (rule: Rule, event: BusEvent) => {
    const ingestedAt = timeOf(clock.now());
    rule.metrics.matched += 1;
    for (const target of rule.targets) {
      const input = renderInput(target, event, rule, ingestedAt);
      for (const latencyMs of planDeliveries(faults, counts, random)) {
        clock.after(latencyMs, () => {
          counts.delivered += 1;
          void deliver(clock, targets, random, { ruleArn: rule.arn, target, input, metrics: rule.metrics });
        });
      }
    }
  };

  const toEvent = (entry: BusEntry): BusEvent => ({
    version: "0",
    id: randomUUID(),
    "detail-type": entry.detailType,
    source: entry.source,
    account: options.account,
    time: timeOf(entry.time ?? clock.now()),
    region: options.region,
    resources: entry.resources ?? [],
    detail: entry.detail,
  });

  const book = createRuleBook({
    clock,
    arnPrefix: `arn:aws:events:${options.region}:${options.account}`,
    onSchedule: (rule, time) => fire(rule, toEvent({ ...SCHEDULED, resources: [rule.arn], time })),
  });

  const spread = (busName: string, event: BusEvent): void => {
    for (const rule of book.rulesOn(busName)) if (rule.enabled && rule.matches(event)) fire(rule, event);
  };
  const put = (busName: string, entry: BusEntry): string => {
    const event = toEvent(entry);
    spread(busName, event);
    return event.id;
  };

  const policies = createBusPolicies();
  const admit = (
    busName: string,
    account: string,
    event: { readonly source?: string; readonly detailType?: string },
  ) => {
    if (account === options.account || policies.admits(book.busArn(busName), account, event)) return;
    const what = `events:PutEvents on resource: ${book.busArn(busName)}`;
    const message = `Account ${account} is not authorized to perform: ${what} because no resource-based policy allows it`;
    throw new CloudError("AccessDenied", message, 403);
  };

  const protocol: AwsJsonProtocol = {
    version: "1.1",
    targetPrefix: "AWSEvents.",
    errorNamespace: "com.amazonaws.events",
    actions: { PutEvents: putEventsAction(put, book, admit), ...ruleActions(book) },
  };
  return {
    service: { signingName: "events", handle: (request) => answerAwsJson(protocol, request) },
    faults,
    counts,
    createBus: (name) => {
      book.createBus(name);
      return book.busArn(name);
    },
    putRule: (rule) => book.putRule(rule).arn,
    put,
    receive: (busName, event) => {
      admit(busName, event.account, { source: event.source, detailType: event["detail-type"] });
      spread(busName, event);
    },
    setPolicy: (busName, statementId, statement) => policies.set(book.busArn(busName), statementId, statement),
    metrics: (ruleName, busName = DEFAULT_BUS) => book.find(busName, ruleName)?.metrics ?? noRuleMetrics(),
    rules: (busName = DEFAULT_BUS) => book.rulesOn(busName),
    stop: book.stop,
  };
};

const SCHEDULED = { source: "aws.events", detailType: "Scheduled Event", detail: {} };

/** Event times have whole seconds. */
const timeOf = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
