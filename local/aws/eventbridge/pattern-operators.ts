import { CloudError } from "../gateway/service.ts";

export type Test = (value: unknown) => boolean;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Compiles operators such as `{"prefix": …}` and `{"anything-but": …}`; an array matches if any of its elements does. */
export const compileOperator = (field: string, alternative: Readonly<Record<string, unknown>>): Test => {
  const [entry, ...more] = Object.entries(alternative);
  if (!entry || more.length > 0) throw invalidField(field, "must hold exactly one operator");
  const [operator, operand] = entry;
  if (operator === "exists") return exists(field, operand);
  const compile = OPERATORS[operator];
  if (!compile) throw invalidField(field, `holds the unrecognized match type ${operator}`);
  const test = compile(field, operand);
  return (value) => (Array.isArray(value) ? value.some(test) : value !== undefined && test(value));
};

/** Only leaves count as present: an object or an empty array does not. */
const exists = (field: string, operand: unknown): Test => {
  if (typeof operand !== "boolean") throw invalidField(field, "exists must be either true or false");
  return (value) => {
    const present = value !== undefined && !isRecord(value) && !(Array.isArray(value) && value.length === 0);
    return present === operand;
  };
};

const text =
  (matches: (value: string, expected: string) => boolean) =>
  (field: string, operand: unknown): Test => {
    const [expected, ignoreCase] = readOperand(operand);
    if (typeof expected !== "string") throw invalidField(field, "match type needs a string");
    const normalize = ignoreCase ? (value: string) => value.toLowerCase() : (value: string) => value;
    return (value) => typeof value === "string" && matches(normalize(value), normalize(expected));
  };

/** `{"prefix": {"equals-ignore-case": "x"}}` ignores case; `{"prefix": "x"}` does not. */
const readOperand = (operand: unknown): [expected: unknown, ignoreCase: boolean] =>
  isRecord(operand) ? [operand["equals-ignore-case"], true] : [operand, false];

const wildcard = (field: string, operand: unknown): Test => {
  if (typeof operand !== "string") throw invalidField(field, "wildcard must be a string");
  if (operand.includes("**")) throw invalidField(field, "wildcard must not hold consecutive wildcard characters");
  const parts = operand.split(/(\\.|\*)/).map((part) => {
    if (part === "*") return ".*";
    return escapeRegExp(part.startsWith("\\") ? part.slice(1) : part);
  });
  const expression = new RegExp(`^${parts.join("")}$`, "s");
  return (value) => typeof value === "string" && expression.test(value);
};

const escapeRegExp = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

const COMPARISONS: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

const numeric = (field: string, operand: unknown): Test => {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length > 4 || operand.length % 2 === 1) {
    throw invalidField(field, "numeric must be an array of one or two comparisons");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = COMPARISONS[String(operand[index])];
    const bound: unknown = operand[index + 1];
    if (!compare || typeof bound !== "number") throw invalidField(field, "numeric holds an invalid comparison");
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
};

/** Takes literals, or one operator on one or more strings; a missing field never matches. */
const anythingBut = (field: string, operand: unknown): Test => {
  const excluded = isRecord(operand) ? excludedByOperator(field, operand) : excludedLiterals(field, operand);
  return (value) => !excluded.some((test) => test(value));
};

const excludedLiterals = (field: string, operand: unknown): Test[] => {
  const literals: unknown[] = [operand].flat();
  if (literals.length === 0 || literals.some((literal) => typeof literal === "object" && literal !== null)) {
    throw invalidField(field, "anything-but must be a literal, a list of literals or an operator");
  }
  return literals.map((literal) => (value) => value === literal);
};

const excludedByOperator = (field: string, operand: Readonly<Record<string, unknown>>): Test[] => {
  const [entry, ...more] = Object.entries(operand);
  const compile = entry && OPERATORS[entry[0]];
  if (!entry || !compile || more.length > 0 || entry[0] === "anything-but") {
    throw invalidField(field, "anything-but holds an unrecognized match type");
  }
  return [entry[1]].flat().map((expected) => compile(field, expected));
};

const OPERATORS: Readonly<Record<string, (field: string, operand: unknown) => Test>> = {
  prefix: text((value, expected) => value.startsWith(expected)),
  suffix: text((value, expected) => value.endsWith(expected)),
  "equals-ignore-case": text((value, expected) => value.toLowerCase() === expected.toLowerCase()),
  wildcard,
  numeric,
  "anything-but": anythingBut,
};

const invalidField = (field: string, reason: string): CloudError =>
  new CloudError("InvalidEventPatternException", `Event pattern is not valid. Reason: "${field}" ${reason}`);
