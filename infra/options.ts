/** Settings of the whole deployment, each a field of the CDK context. */
import { optional, reject, text } from "./context-fields.ts";

export interface Options {
  /** Where alarms go: to a topic of the deployer's, or to a new one with a subscriber. */
  readonly alarms: { readonly topicArn: string } | { readonly email: string } | undefined;
}

/** Fields of the context besides `clusters`. */
export const OPTION_NAMES = ["alarmTopic", "alarmEmail"] as const;

export const readOptions = ({ alarmTopic, alarmEmail }: Readonly<Record<string, unknown>>): Options => ({
  alarms: readAlarms(alarmTopic, alarmEmail),
});

const readAlarms = (alarmTopic: unknown, alarmEmail: unknown): Options["alarms"] => {
  const topicArn = optional(alarmTopic, (value) =>
    text(value, "alarmTopic", /^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]{1,256}$/, "the ARN of an SNS topic"),
  );
  const email = optional(alarmEmail, (value) => text(value, "alarmEmail", /^[^@\s]+@[^@\s]+$/, "an email address"));
  if (topicArn && email)
    return reject("alarmEmail", email, "nothing beside alarmTopic; subscribe the address to that topic");
  return topicArn ? { topicArn } : email ? { email } : undefined;
};
