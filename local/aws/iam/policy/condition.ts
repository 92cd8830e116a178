/** IAM's condition operators ("IAM JSON policy elements: Condition operators", IAM User Guide). */
import type { ConditionContext } from "../../gateway/service.ts";
import type { Statement } from "./policy.ts";
import { matchesArn, matchesWildcard } from "./wildcard.ts";

type Compare = (expected: string, actual: string) => boolean;

const equals: Compare = (expected, actual) => expected === actual;
const equalsIgnoreCase: Compare = (expected, actual) => expected.toLowerCase() === actual.toLowerCase();

const OPERATORS: Readonly<Record<string, Compare>> = {
  StringEquals: equals,
  StringEqualsIgnoreCase: equalsIgnoreCase,
  StringLike: matchesWildcard,
  ArnEquals: matchesArn,
  ArnLike: matchesArn,
  Bool: equalsIgnoreCase,
  NumericEquals: (expected, actual) => Number(actual) === Number(expected),
  NumericLessThan: (expected, actual) => Number(actual) < Number(expected),
  NumericLessThanEquals: (expected, actual) => Number(actual) <= Number(expected),
  NumericGreaterThan: (expected, actual) => Number(actual) > Number(expected),
  NumericGreaterThanEquals: (expected, actual) => Number(actual) >= Number(expected),
};

/** A negated operator holds where its plain counterpart does not. */
const NEGATED: Readonly<Record<string, Compare>> = {
  StringNotEquals: equals,
  StringNotEqualsIgnoreCase: equalsIgnoreCase,
  StringNotLike: matchesWildcard,
  ArnNotEquals: matchesArn,
  ArnNotLike: matchesArn,
  NumericNotEquals: (expected, actual) => Number(actual) === Number(expected),
};

/** Condition keys are case-insensitive. In `aws:RequestTag/key` only the part before the slash is; no policy here needs the difference. */
export const lookUp = (context: ConditionContext, key: string): readonly string[] | undefined => {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];
  return found === undefined ? undefined : typeof found === "string" ? [found] : found;
};

const substituteVariables = (value: string, context: ConditionContext): string =>
  value.replace(/\$\{([^}]+)\}/g, (variable, key: string) => lookUp(context, key)?.[0] ?? variable);

const holds = (operator: string, expected: readonly string[], actual: readonly string[] | undefined): boolean => {
  const [, quantifier, name = "", ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(operator) ?? [];
  if (name === "Null") return expected.some((value) => (value === "true") === (actual === undefined));
  const plain = OPERATORS[name];
  const negated = NEGATED[name];
  const compare = plain ?? negated;
  if (!compare) throw new Error(`evaluating a policy: no support for condition operator ${operator}`);
  if (actual === undefined) return ifExists !== undefined || quantifier === "ForAllValues" || (!plain && !quantifier);
  const matches = (value: string) => expected.some((candidate) => compare(candidate, value)) === (plain !== undefined);
  // Without a quantifier, a plain operator needs one of the key's values to match; a negated operator needs all of them to.
  return quantifier === "ForAllValues" || (!quantifier && !plain) ? actual.every(matches) : actual.some(matches);
};

/** True if every operator and every key of the statement's Condition holds. */
export const conditionsHold = (conditions: Statement["conditions"], context: ConditionContext): boolean =>
  Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, expected]) =>
      holds(
        operator,
        expected.map((value) => substituteVariables(value, context)),
        lookUp(context, key),
      ),
    ),
  );
