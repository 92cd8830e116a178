import type { Target } from "@aws-sdk/client-eventbridge";
import type { Action, Input } from "../gateway/aws-json.ts";
import { CloudError } from "../gateway/service.ts";
import { compilePattern } from "./pattern.ts";
import { DEFAULT_BUS, type Rule } from "./rule.ts";
import type { RuleBook } from "./rule-book.ts";

/** `EventBusName` is a name or an ARN; if absent, the default bus. */
export const busNameOf = (value: unknown): string => {
  const name = typeof value === "string" ? value.split("/").at(-1) : undefined;
  return name || DEFAULT_BUS;
};

/** EventBridge's actions on buses, rules and targets, as used by `aws events`. */
export const ruleActions = (book: RuleBook): Record<string, Action> => ({
  ...busActions(book),
  ...targetActions(book),

  PutRule: (input, request) => {
    const [busName, name] = [busNameOf(input.EventBusName), String(input.Name ?? "")];
    request.authorize("events:PutRule", [book.ruleArn(busName, name)]);
    const existing = book.find(busName, name);
    const pattern = typeof input.EventPattern === "string" ? parsePattern(input.EventPattern) : undefined;
    const schedule = typeof input.ScheduleExpression === "string" ? input.ScheduleExpression : undefined;
    const description = typeof input.Description === "string" ? input.Description : undefined;
    const enabled = input.State !== "DISABLED";
    const targets = existing?.targets ?? [];
    return { RuleArn: book.putRule({ name, busName, description, pattern, schedule, enabled, targets }).arn };
  },

  DescribeRule: (input, request) => {
    const [busName, name] = [busNameOf(input.EventBusName), String(input.Name ?? "")];
    request.authorize("events:DescribeRule", [book.ruleArn(busName, name)]);
    return renderRule(requireRule(book, busName, name));
  },

  ListRules: (input, request) => {
    const busName = busNameOf(input.EventBusName);
    request.authorize("events:ListRules", [book.ruleArn(busName, "*")]);
    const prefix = String(input.NamePrefix ?? "");
    const rules = book.rulesOn(busName).filter((rule) => rule.name.startsWith(prefix));
    return { Rules: rules.map(renderRule) };
  },

  TestEventPattern: (input, request) => {
    request.authorize("events:TestEventPattern", ["*"]);
    const matches = compilePattern(parsePattern(String(input.EventPattern)));
    return { Result: matches(JSON.parse(String(input.Event))) };
  },
});

const busActions = (book: RuleBook): Record<string, Action> => ({
  CreateEventBus: (input, request) => {
    const name = String(input.Name ?? "");
    request.authorize("events:CreateEventBus", [book.busArn(name)]);
    if (book.busNames().includes(name)) {
      throw new CloudError("ResourceAlreadyExistsException", `Event bus ${name} already exists.`);
    }
    book.createBus(name);
    return { EventBusArn: book.busArn(name) };
  },

  DescribeEventBus: (input, request) => {
    const name = busNameOf(input.Name);
    request.authorize("events:DescribeEventBus", [book.busArn(name)]);
    book.rulesOn(name);
    return { Name: name, Arn: book.busArn(name) };
  },

  ListEventBuses: (input, request) => {
    request.authorize("events:ListEventBuses", ["*"]);
    const prefix = String(input.NamePrefix ?? "");
    const names = book.busNames().filter((name) => name.startsWith(prefix));
    return { EventBuses: names.map((name) => ({ Name: name, Arn: book.busArn(name) })) };
  },
});

const targetActions = (book: RuleBook): Record<string, Action> => ({
  PutTargets: (input, request) => {
    const [busName, name] = [busNameOf(input.EventBusName), String(input.Rule ?? "")];
    request.authorize("events:PutTargets", [book.ruleArn(busName, name)]);
    const rule = requireRule(book, busName, name);
    const added = Array.isArray(input.Targets) ? (input.Targets as Target[]) : [];
    const kept = rule.targets.filter((target) => !added.some((other) => other.Id === target.Id));
    book.putRule({ ...rule.spec, targets: [...kept, ...added] });
    return { FailedEntryCount: 0, FailedEntries: [] };
  },

  ListTargetsByRule: (input, request) => {
    const [busName, name] = [busNameOf(input.EventBusName), String(input.Rule ?? "")];
    request.authorize("events:ListTargetsByRule", [book.ruleArn(busName, name)]);
    return { Targets: requireRule(book, busName, name).targets };
  },
});

const requireRule = (book: RuleBook, busName: string, name: string): Rule => {
  const rule = book.find(busName, name);
  if (rule) return rule;
  throw new CloudError("ResourceNotFoundException", `Rule ${name} does not exist on EventBus ${busName}.`);
};

const parsePattern = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    const message = "Event pattern is not valid. Reason: it is not JSON";
    throw new CloudError("InvalidEventPatternException", message);
  }
};

const renderRule = (rule: Rule): Input => ({
  Name: rule.name,
  Arn: rule.arn,
  EventBusName: rule.busName,
  State: rule.enabled ? "ENABLED" : "DISABLED",
  Description: rule.description,
  EventPattern: rule.pattern === undefined ? undefined : JSON.stringify(rule.pattern),
  ScheduleExpression: rule.schedule,
});
