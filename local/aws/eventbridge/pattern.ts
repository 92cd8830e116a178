import { CloudError } from "../gateway/service.ts";
import { compileOperator, isRecord, type Test } from "./pattern-operators.ts";

export type Matcher = (event: unknown) => boolean;

/**
 * Compiles an event pattern: each field's value must match one of the field's alternatives; `$or` needs one of its
 * patterns to match. Throws InvalidEventPatternException. (EventBridge user guide, "Creating event patterns"; cidr is not
 * supported.)
 */
export const compilePattern = (pattern: unknown): Matcher => {
  if (!isRecord(pattern)) throw invalid("Filter is not an object");
  if (Object.keys(pattern).length === 0) throw invalid("Empty pattern");
  return compileFields(pattern);
};

const compileFields = (pattern: Readonly<Record<string, unknown>>): Matcher => {
  const tests = Object.entries(pattern).map(([name, condition]) =>
    name === "$or" ? compileOr(condition) : compileField(name, condition),
  );
  return (event) => tests.every((test) => test(event));
};

const compileOr = (alternatives: unknown): Matcher => {
  if (!Array.isArray(alternatives) || !alternatives.every(isRecord)) throw invalid("$or must be an array of patterns");
  const matchers = alternatives.map(compileFields);
  return (event) => matchers.some((matcher) => matcher(event));
};

const compileField = (name: string, condition: unknown): Matcher => {
  if (isRecord(condition)) {
    const inner = compileFields(condition);
    return (event) => {
      const value = isRecord(event) ? event[name] : undefined;
      // An array of objects matches if one element does; a missing object can still match `exists: false`.
      return Array.isArray(value) ? value.some(inner) : inner(value);
    };
  }
  if (!Array.isArray(condition)) throw invalid(`"${name}" must be an object or an array`);
  if (condition.length === 0) throw invalid(`"${name}" must not be an empty array`);
  const tests = condition.map((alternative) => compileAlternative(name, alternative));
  return (event) => {
    const value = isRecord(event) ? event[name] : undefined;
    return tests.some((test) => test(value));
  };
};

/** A literal must equal the value and its JSON type; an array matches if any of its elements does. */
const compileAlternative = (name: string, alternative: unknown): Test => {
  if (isRecord(alternative)) return compileOperator(name, alternative);
  if (Array.isArray(alternative)) throw invalid(`"${name}" must not hold an array in an array`);
  return (value) => (Array.isArray(value) ? value.includes(alternative) : value === alternative);
};

const invalid = (reason: string): CloudError =>
  new CloudError("InvalidEventPatternException", `Event pattern is not valid. Reason: ${reason}`);
