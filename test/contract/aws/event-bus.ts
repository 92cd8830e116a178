/** A separate bus for each suite, so that its events match only its own rules. */
import {
  CreateEventBusCommand,
  PutEventsCommand,
  type PutEventsCommandOutput,
  type PutEventsRequestEntry,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import type { Cloud } from "./cloud.ts";

/** Allows every rule to send to the queue. */
const OPEN = JSON.stringify({
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { Service: "events.amazonaws.com" }, Action: "sqs:SendMessage", Resource: "*" },
  ],
});

type Input = Omit<Target, "Id" | "Arn">;

/** An input that names the target it came through. On moto a transformer is the only way to a constant message. */
export const mark = (name: string): Input => ({
  InputTransformer: { InputPathsMap: {}, InputTemplate: JSON.stringify({ mark: name }) },
});
export const marked = (name: string) => JSON.stringify({ mark: name });

/** A queue that receives what rules deliver. */
export interface Inbox {
  readonly arn: string;
  /** The messages since the last read, sorted. */
  read(): Promise<string[]>;
}

export interface Bus {
  readonly name: string;
  /** A queue that accepts events from rules unless `policy` denies it. */
  anInbox(policy?: string): Promise<Inbox>;
  /** Creates a rule that delivers matching events to the inbox; returns its name. */
  route(pattern: object, inbox: Inbox, input?: Input, bus?: string): Promise<string>;
  entry(source: string, detail: object, more?: Partial<PutEventsRequestEntry>): PutEventsRequestEntry;
  put(...entries: PutEventsRequestEntry[]): Promise<PutEventsCommandOutput>;
}

export const createBus = async (cloud: Cloud, name: string): Promise<Bus> => {
  await cloud.events.send(new CreateEventBusCommand({ Name: name }));
  let made = 0;
  const number = () => {
    made += 1;
    return made;
  };

  const anInbox = async (Policy = OPEN): Promise<Inbox> => {
    const create = new CreateQueueCommand({ QueueName: `${name}-inbox-${number()}`, Attributes: { Policy } });
    const { QueueUrl } = await cloud.sqs.send(create);
    const look = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] });
    const { Attributes } = await cloud.sqs.send(look);
    const read = async () => {
      await cloud.settle();
      const found: string[] = [];
      for (let page = 0; page < 10; page += 1) {
        const { Messages = [] } = await cloud.sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
        );
        // Whitespace between tokens does not matter.
        found.push(...Messages.map(({ Body = "" }) => JSON.stringify(JSON.parse(Body))));
        if (Messages.length === 0) break;
      }
      return found.sort();
    };
    return { arn: Attributes?.QueueArn ?? "", read };
  };

  const route = async (pattern: object, inbox: Inbox, input: Input = {}, bus = name) => {
    const Name = `rule-${number()}`;
    await cloud.events.send(new PutRuleCommand({ Name, EventBusName: bus, EventPattern: JSON.stringify(pattern) }));
    const Targets = [{ Id: "inbox", Arn: inbox.arn, ...input }];
    const answer = await cloud.events.send(new PutTargetsCommand({ Rule: Name, EventBusName: bus, Targets }));
    if (answer.FailedEntryCount !== 0) throw new Error(`${Name} has no target: ${JSON.stringify(answer)}`);
    return Name;
  };

  const entry = (Source: string, detail: object, more: Partial<PutEventsRequestEntry> = {}) => ({
    EventBusName: name,
    Source,
    DetailType: "Node Changed",
    Detail: JSON.stringify(detail),
    ...more,
  });
  const put = (...Entries: PutEventsRequestEntry[]) => cloud.events.send(new PutEventsCommand({ Entries }));
  return { name, anInbox, route, entry, put };
};
