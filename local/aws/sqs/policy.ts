import { CloudError } from "../gateway/service.ts";

/** An AWS service that sends to a queue on behalf of one of its resources, e.g. EventBridge for a rule. */
export interface ServiceSender {
  /** `events.amazonaws.com`. */
  readonly service: string;
  /** The value of `aws:SourceArn`. */
  readonly sourceArn: string;
}

interface Statement {
  readonly Effect?: string;
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>;
  readonly Action?: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Throws AccessDenied unless the queue's policy allows the service to send. A service has no identity policy, so a queue
 * without a policy denies it. Supports the elements that queue policies use. An unknown condition never matches an Allow
 * and always matches a Deny, so a gap in this simulator denies access instead of granting it.
 */
export const authorizeDelivery = (policy: string | undefined, queueArn: string, sender: ServiceSender): void => {
  const statements = policy ? parseStatements(policy) : [];
  const matching = (effect: string) =>
    statements.some((statement) => statement.Effect === effect && matches(statement, queueArn, sender));
  if (matching("Allow") && !matching("Deny")) return;
  const why = `because no resource-based policy allows ${sender.sourceArn} the sqs:SendMessage action`;
  const message = `${sender.service} is not authorized to perform: sqs:SendMessage on resource: ${queueArn} ${why}`;
  throw new CloudError("AccessDenied", message, 403);
};

const parseStatements = (policy: string): readonly Statement[] => {
  const document = JSON.parse(policy) as { Statement?: Statement | readonly Statement[] };
  return many(document.Statement);
};

const many = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : ([value].flat() as readonly T[]);

const matches = (statement: Statement, queueArn: string, sender: ServiceSender): boolean =>
  namesPrincipal(statement.Principal, sender.service) &&
  many(statement.Action).some((action) => like(action.toLowerCase(), "sqs:sendmessage")) &&
  many(statement.Resource).some((resource) => like(resource, queueArn)) &&
  Object.entries(statement.Condition ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(
      ([key, expected]) => conditionHolds(operator, key, expected, sender) ?? statement.Effect === "Deny",
    ),
  );

const namesPrincipal = (principal: Statement["Principal"], service: string): boolean => {
  if (principal === "*") return true;
  if (typeof principal !== "object") return false;
  return principal.AWS === "*" || many(principal.Service).includes(service);
};

const LIKE = new Set(["ArnEquals", "ArnLike", "StringEquals", "StringLike"]);

/** Returns undefined if the simulator does not support the operator or the key. */
const conditionHolds = (
  operator: string,
  key: string,
  expected: unknown,
  sender: ServiceSender,
): boolean | undefined => {
  const values = many(expected).map(String);
  const known = contextOf(sender)[key.toLowerCase()];
  if (known === undefined) return undefined;
  if (operator === "Bool") return values.includes(known);
  return LIKE.has(operator) ? values.some((value) => like(value, known)) : undefined;
};

const contextOf = ({ sourceArn }: ServiceSender): Readonly<Record<string, string | undefined>> => ({
  "aws:sourcearn": sourceArn,
  "aws:sourceaccount": sourceArn.split(":")[4],
  "aws:securetransport": "true",
});

const like = (pattern: string, value: string): boolean => {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`).test(value);
};
