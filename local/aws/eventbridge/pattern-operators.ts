import { CloudError } from "../gateway/service.ts";

export type Test = (value: unknown) => boolean;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Compiles `{"prefix": …}`, `{"anything-but": …}` and the like; of an array value any element may match. */
export const compileOperator = (field: string, alternative: Readonly<Record<string, unknown>>): Test => {
  const [entry, ...more] = Object.entries(alternative);
  if (!entry || more.length > 0) throw refuse(field, "must hold exactly one operator");
  const [operator, operand] = entry;
  if (operator === "exists") return exists(field, operand);
  const compile = OPERATORS[operator];
  if (!compile) throw refuse(field, `holds the unrecognized match type ${operator}`);
  const test = compile(field, operand);
  return (value) => (Array.isArray(value) ? value.some(test) : value !== undefined && test(value));
};

/** Only leaves exist: an object or an empty array at that place does not count. */
const exists = (field: string, operand: unknown): Test => {
  if (typeof operand !== "boolean") throw refuse(field, "exists must be either true or false");
  return (value) => {
    const present = value !== undefined && !isRecord(value) && !(Array.isArray(value) && value.length === 0);
    return present === operand;
  };
};

const text =
  (matches: (value: string, wanted: string) => boolean) =>
  (field: string, operand: unknown): Test => {
    const [wanted, fold] = foldable(operand);
    if (typeof wanted !== "string") throw refuse(field, "match type needs a string");
    const normalize = fold ? (value: string) => value.toLowerCase() : (value: string) => value;
    return (value) => typeof value === "string" && matches(normalize(value), normalize(wanted));
  };

/** `{"prefix": {"equals-ignore-case": "x"}}` folds case; `{"prefix": "x"}` does not. */
const foldable = (operand: unknown): [wanted: unknown, fold: boolean] =>
  isRecord(operand) ? [operand["equals-ignore-case"], true] : [operand, false];

const wildcard = (field: string, operand: unknown): Test => {
  if (typeof operand !== "string") throw refuse(field, "wildcard must be a string");
  if (operand.includes("**")) throw refuse(field, "wildcard must not hold consecutive wildcard characters");
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
    throw refuse(field, "numeric must be an array of one or two comparisons");
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = COMPARISONS[String(operand[index])];
    const bound: unknown = operand[index + 1];
    if (!compare || typeof bound !== "number") throw refuse(field, "numeric holds an invalid comparison");
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === "number" && tests.every((test) => test(value));
};

/** Of literals, or of one operator on one or several strings; a field that is missing never matches. */
const anythingBut = (field: string, operand: unknown): Test => {
  const unwanted = isRecord(operand) ? unwantedByOperator(field, operand) : unwantedLiterals(field, operand);
  return (value) => !unwanted.some((test) => test(value));
};

const unwantedLiterals = (field: string, operand: unknown): Test[] => {
  const literals: unknown[] = [operand].flat();
  if (literals.length === 0 || literals.some((literal) => typeof literal === "object" && literal !== null)) {
    throw refuse(field, "anything-but must be a literal, a list of literals or an operator");
  }
  return literals.map((literal) => (value) => value === literal);
};

const unwantedByOperator = (field: string, operand: Readonly<Record<string, unknown>>): Test[] => {
  const [entry, ...more] = Object.entries(operand);
  const compile = entry && OPERATORS[entry[0]];
  if (!entry || !compile || more.length > 0 || entry[0] === "anything-but") {
    throw refuse(field, "anything-but holds an unrecognized match type");
  }
  return [entry[1]].flat().map((wanted) => compile(field, wanted));
};

const OPERATORS: Readonly<Record<string, (field: string, operand: unknown) => Test>> = {
  prefix: text((value, wanted) => value.startsWith(wanted)),
  suffix: text((value, wanted) => value.endsWith(wanted)),
  "equals-ignore-case": text((value, wanted) => value.toLowerCase() === wanted.toLowerCase()),
  wildcard,
  numeric,
  "anything-but": anythingBut,
};

const refuse = (field: string, reason: string): CloudError =>
  new CloudError("InvalidEventPatternException", `Event pattern is not valid. Reason: "${field}" ${reason}`);
