/** The report of a rehearsal. */
import type { Difference } from "./compare.ts";
import type { Rehearsal } from "./rehearse.ts";

/** Types that moto's CloudFormation does not support and skips silently. */
const UNSUPPORTED_BY_MOTO: readonly string[] = [
  "AWS::CloudWatch::Alarm",
  "AWS::EKS::AccessEntry",
  "AWS::EKS::PodIdentityAssociation",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::SQS::QueuePolicy",
];

/** Properties that moto omits, by type. Any other difference is a bug, in moto or in the stack. */
const OMITTED_BY_MOTO: Readonly<Record<string, readonly string[]>> = {
  "AWS::DynamoDB::Table": ["PointInTimeRecoverySpecification"],
  "AWS::Events::EventBus": ["Description"],
  // It keeps a role's own policies, but not as JSON.
  "AWS::IAM::Role": ["Policies"],
  "AWS::Lambda::Function": ["Architectures", "LoggingConfig", "RecursiveLoop", "TracingConfig"],
};

const isOmittedByMoto = ({ type, property }: Difference): boolean => OMITTED_BY_MOTO[type]?.includes(property) === true;

/** `AWS::SQS::Queue ×7`, sorted. */
const count = (names: readonly string[]): string[] => {
  const sorted = [...new Set(names)].sort();
  return sorted.map((name) => `${name} ×${names.filter((other) => other === name).length}`);
};

const list = (title: string, lines: readonly string[]): string =>
  lines.length > 0 ? `${title}\n${lines.map((line) => `  ${line}\n`).join("")}` : "";

/** What makes a rehearsal fail. */
export const problemsOf = ({ findings, comparison, left }: Rehearsal): string[] => [
  ...findings.filter(({ level }) => level === "Error").map(({ rule, message }) => `cfn-lint ${rule}: ${message}`),
  ...comparison.differences
    .filter((difference) => !isOmittedByMoto(difference))
    .map(
      ({ logicalId, property, expected, actual }) =>
        `${logicalId}.${property} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`,
    ),
  ...comparison.skipped
    .filter(({ type }) => !UNSUPPORTED_BY_MOTO.includes(type))
    .map(({ logicalId, type }) => `${logicalId}, a ${type}, was not created`),
  ...comparison.unread.map((id) => `${id} was created, but has no reader here`),
  ...left.rest.map((one) => `${one} is left after cdk destroy`),
];

export const report = (rehearsal: Rehearsal): string => {
  const { findings, changes, comparison, left } = rehearsal;
  const { created, differences, skipped } = comparison;
  const warnings = findings.filter(({ level }) => level !== "Error").map(({ rule, message }) => `${rule} ${message}`);
  const missing = differences.filter(isOmittedByMoto).map(({ type, property }) => `${type}.${property}`);
  return [
    list("cfn-lint warnings", [...new Set(warnings.map((warning) => warning.replaceAll(/'[^']*'/g, "…")))]),
    list("Template changes for moto", changes),
    `Created and compared with the template, property by property: ${created.length} resources\n`,
    list(
      "Not rehearsed, because moto does not create them but reports CREATE_COMPLETE",
      count(skipped.map(({ type }) => type)),
    ),
    list("Not rehearsed, because moto omits them from what it creates", count(missing)),
    "cdk diff finds no differences right after the deployment, and some with one more cluster\n",
    list("Retained by the template after cdk destroy", left.kept),
    list("Problems", problemsOf(rehearsal)),
  ].join("");
};
