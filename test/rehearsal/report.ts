/** A rehearsal in words. */
import type { Difference } from "./compare.ts";
import type { Rehearsal } from "./rehearse.ts";

/** Types that moto's CloudFormation does not know, and passes over without a word. */
const UNKNOWN_TO_MOTO: readonly string[] = [
  "AWS::CloudWatch::Alarm",
  "AWS::EKS::AccessEntry",
  "AWS::EKS::PodIdentityAssociation",
  "AWS::SQS::QueuePolicy",
];

/** Properties that it leaves out of what it creates, by type. What else differs is a mistake, here or there. */
const LEFT_OUT_BY_MOTO: Readonly<Record<string, readonly string[]>> = {
  "AWS::DynamoDB::Table": ["PointInTimeRecoverySpecification"],
  "AWS::Events::EventBus": ["Description"],
  "AWS::Lambda::Function": ["Architectures", "LoggingConfig", "RecursiveLoop"],
};

const isLeftOutByMoto = ({ type, property }: Difference): boolean =>
  LEFT_OUT_BY_MOTO[type]?.includes(property) === true;

/** `AWS::SQS::Queue ×7`, sorted. */
const count = (names: readonly string[]): string[] => {
  const sorted = [...new Set(names)].sort();
  return sorted.map((name) => `${name} ×${names.filter((other) => other === name).length}`);
};

const list = (title: string, lines: readonly string[]): string =>
  lines.length > 0 ? `${title}\n${lines.map((line) => `  ${line}\n`).join("")}` : "";

/** What nobody can explain away. */
export const problemsOf = ({ findings, comparison, left }: Rehearsal): string[] => [
  ...findings.filter(({ level }) => level === "Error").map(({ rule, message }) => `cfn-lint ${rule}: ${message}`),
  ...comparison.differences
    .filter((difference) => !isLeftOutByMoto(difference))
    .map(
      ({ logicalId, property, wanted, found }) =>
        `${logicalId}.${property} is ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`,
    ),
  ...comparison.skipped
    .filter(({ type }) => !UNKNOWN_TO_MOTO.includes(type))
    .map(({ logicalId, type }) => `${logicalId}, a ${type}, was not created`),
  ...comparison.unread.map((id) => `${id} was created, but nothing here looks at it`),
  ...left.rest.map((one) => `${one} is left after cdk destroy`),
];

export const report = (rehearsal: Rehearsal): string => {
  const { findings, changes, comparison, left } = rehearsal;
  const { created, differences, skipped } = comparison;
  const warnings = findings.filter(({ level }) => level !== "Error").map(({ rule, message }) => `${rule} ${message}`);
  const missing = differences.filter(isLeftOutByMoto).map(({ type, property }) => `${type}.${property}`);
  return [
    list("cfn-lint warns of", [...new Set(warnings.map((warning) => warning.replaceAll(/'[^']*'/g, "…")))]),
    list("Changed in the template, for moto's sake", changes),
    `Created and compared with the template, property by property: ${created.length} resources\n`,
    list("Not created by moto, though it says CREATE_COMPLETE: not rehearsed", count(skipped.map(({ type }) => type))),
    list("Left out by moto of what it created: not rehearsed", count(missing)),
    "cdk diff finds nothing right after the deployment, and something with one more cluster\n",
    list("Kept after cdk destroy, as the template wants it", left.kept),
    list("Problems", problemsOf(rehearsal)),
  ].join("");
};
