/** Settings of the whole deployment, each a field of the CDK context. */
import { optional, reject, text } from "./configuration-fields.ts";

export interface Options {
  /** Where alarms go: to a topic of the deployer's, or to a new one with a subscriber. */
  readonly alarms: { readonly topicArn: string } | { readonly email: string } | undefined;
  /** Neither the stack nor its table can be deleted. */
  readonly deletionProtection: boolean;
  /** Keeps as much of the account's concurrency for each function as it may need. */
  readonly reservedConcurrency: boolean;
  readonly logRetentionDays: number;
  /** Traces of the functions in AWS X-Ray. */
  readonly tracing: boolean;
}

/** The same as their deployer gives them; docs/deploy.md has the details of each. */
export interface OptionProps {
  /** The ARN of an SNS topic that every alarm is sent to, and its end. */
  readonly alarmTopic?: string;
  /** An address that alarms are sent to, through a new topic; instead of `alarmTopic`. */
  readonly alarmEmail?: string;
  /** Whether the table, and the app's stack, are protected from deletion. Defaults to true. */
  readonly deletionProtection?: boolean;
  /** Keeps 24 of the account's concurrent executions for the functions. Defaults to false. */
  readonly reservedConcurrency?: boolean;
  /** How long the functions' logs are kept. Defaults to 30. */
  readonly logRetentionDays?: number;
  /** Traces of the functions in AWS X-Ray. Defaults to true. */
  readonly tracing?: boolean;
}

const OPTION_NAMES: readonly (keyof OptionProps)[] = [
  "alarmTopic",
  "alarmEmail",
  "deletionProtection",
  "reservedConcurrency",
  "logRetentionDays",
  "tracing",
];

/** `context`: the deployer's fields besides `clusters`. */
export const readOptions = (context: Readonly<Record<string, unknown>>): Options => {
  assertKnown(context);
  return {
    alarms: readAlarms(context.alarmTopic, context.alarmEmail),
    deletionProtection: readSwitch(context.deletionProtection, "deletionProtection", true),
    reservedConcurrency: readSwitch(context.reservedConcurrency, "reservedConcurrency", false),
    logRetentionDays: optional(context.logRetentionDays, readDays) ?? 30,
    tracing: readSwitch(context.tracing, "tracing", true),
  };
};

/** A misspelt option, or a cluster's field beside `clusters`, would otherwise change nothing. */
const assertKnown = (context: Readonly<Record<string, unknown>>): void => {
  const unknown = Object.keys(context).find((name) => !OPTION_NAMES.some((known) => known === name));
  if (unknown === undefined) return;
  reject(
    unknown,
    context[unknown],
    `clusters, in which each entry has its own fields, region, account and ${OPTION_NAMES.join(", ")}`,
  );
};

/** `cdk -c` passes text, cdk.json the value itself. */
const readSwitch = (value: unknown, field: string, usual: boolean): boolean =>
  optional(value, (found) => {
    if (String(found) === "true") return true;
    return String(found) === "false" ? false : reject(field, found, "true or false");
  }) ?? usual;

/** What CloudWatch Logs offers (API reference, PutRetentionPolicy). */
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

const readDays = (value: unknown): number =>
  DAYS.includes(Number(value)) ? Number(value) : reject("logRetentionDays", value, `one of ${DAYS.join(", ")}`);

const readAlarms = (alarmTopic: unknown, alarmEmail: unknown): Options["alarms"] => {
  const topicArn = optional(alarmTopic, (value) =>
    text(value, "alarmTopic", /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]{1,256}$/, "the ARN of an SNS topic"),
  );
  const email = optional(alarmEmail, (value) => text(value, "alarmEmail", /^[^@\s]+@[^@\s]+$/, "an email address"));
  if (topicArn && email)
    return reject("alarmEmail", email, "nothing beside alarmTopic; subscribe the address to that topic");
  return topicArn ? { topicArn } : email ? { email } : undefined;
};
