/** The part of DynamoDB's expression language that production code uses ("Using expressions in DynamoDB", developer guide). */

export type Attributes = Record<string, unknown>;

export interface ExpressionContext {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Attributes>;
}

type Evaluate<T> = (item: Readonly<Attributes>, context: ExpressionContext) => T;
type Condition = Evaluate<boolean>;
type Operand = Evaluate<unknown>;

const TOKENS = /<=|>=|<>|[()=<>,+-]|[:#]?[A-Za-z_][\w]*/g;

interface Tokens {
  peek(): string | undefined;
  next(): string;
  /** Takes the token if it is the next one, in whatever case. */
  take(token: string): boolean;
  expect(token: string): void;
}

const tokensOf = (expression: string): Tokens => {
  const tokens = expression.match(TOKENS) ?? [];
  let at = 0;
  const peek = () => tokens[at];
  const next = () => {
    const token = tokens[at];
    if (token === undefined) throw new Error(`the expression ends too soon: ${expression}`);
    at += 1;
    return token;
  };
  const take = (token: string) => {
    if (peek()?.toUpperCase() !== token.toUpperCase()) return false;
    at += 1;
    return true;
  };
  const expect = (token: string) => {
    if (!take(token)) throw new Error(`${token} is missing at ${peek()} in ${expression}`);
  };
  return { peek, next, take, expect };
};

const cached = <T>(parse: (expression: string) => T): ((expression: string) => T) => {
  const known = new Map<string, T>();
  return (expression) => {
    const found = known.get(expression) ?? parse(expression);
    known.set(expression, found);
    return found;
  };
};

const nameIn = (token: string, { names }: ExpressionContext): string =>
  token.startsWith("#") ? (names[token] ?? token) : token;

const parseSimple = (tokens: Tokens): Operand => {
  const token = tokens.next();
  if (token.startsWith(":")) return (_, { values }) => values[token];
  if (token !== "if_not_exists") return (item, context) => item[nameIn(token, context)];
  tokens.expect("(");
  const name = tokens.next();
  tokens.expect(",");
  const otherwise = parseSimple(tokens);
  tokens.expect(")");
  return (item, context) => item[nameIn(name, context)] ?? otherwise(item, context);
};

const parseOperand = (tokens: Tokens): Operand => {
  const first = parseSimple(tokens);
  if (!tokens.take("+")) return first;
  const second = parseSimple(tokens);
  return (item, context) => Number(first(item, context)) + Number(second(item, context));
};

/** An attribute that does not exist compares with nothing. */
const COMPARE: Readonly<Record<string, (one: unknown, other: unknown) => boolean>> = {
  "=": (one, other) => one !== undefined && one === other,
  "<>": (one, other) => one !== other,
  "<=": (one, other) => one !== undefined && Number(one) <= Number(other),
  ">=": (one, other) => one !== undefined && Number(one) >= Number(other),
  "<": (one, other) => one !== undefined && Number(one) < Number(other),
  ">": (one, other) => one !== undefined && Number(one) > Number(other),
};

const FUNCTIONS: Readonly<Record<string, (value: unknown, argument: unknown) => boolean>> = {
  attribute_exists: (value) => value !== undefined,
  attribute_not_exists: (value) => value === undefined,
  begins_with: (value, prefix) => typeof value === "string" && value.startsWith(String(prefix)),
};

/** Of texts, such as sort keys. */
const parseBetween = (value: Operand, tokens: Tokens): Condition => {
  const first = parseOperand(tokens);
  tokens.expect("AND");
  const last = parseOperand(tokens);
  return (item, context) => {
    const found = value(item, context);
    return found !== undefined && `${first(item, context)}` <= `${found}` && `${found}` <= `${last(item, context)}`;
  };
};

const parsePredicate = (tokens: Tokens): Condition => {
  if (tokens.take("(")) {
    const inner = parseOr(tokens);
    tokens.expect(")");
    return inner;
  }
  const test = FUNCTIONS[tokens.peek() ?? ""];
  if (test) {
    tokens.next();
    tokens.expect("(");
    const subject = parseSimple(tokens);
    const argument = tokens.take(",") ? parseSimple(tokens) : () => undefined;
    tokens.expect(")");
    return (item, context) => test(subject(item, context), argument(item, context));
  }
  const left = parseOperand(tokens);
  if (tokens.take("BETWEEN")) return parseBetween(left, tokens);
  const operator = tokens.next();
  const compare = COMPARE[operator];
  if (!compare) throw new Error(`the comparator ${operator} is not simulated`);
  const right = parseOperand(tokens);
  return (item, context) => compare(left(item, context), right(item, context));
};

const parseAnd = (tokens: Tokens): Condition => {
  const parts = [parsePredicate(tokens)];
  while (tokens.take("AND")) parts.push(parsePredicate(tokens));
  return (item, context) => parts.every((part) => part(item, context));
};

const parseOr = (tokens: Tokens): Condition => {
  const parts = [parseAnd(tokens)];
  while (tokens.take("OR")) parts.push(parseAnd(tokens));
  return (item, context) => parts.some((part) => part(item, context));
};

export const parseCondition = cached((expression): Condition => parseOr(tokensOf(expression)));

type Clause = (item: Readonly<Attributes>, changed: Attributes, context: ExpressionContext) => void;

const CLAUSES: Readonly<Record<string, (tokens: Tokens) => Clause>> = {
  SET: (tokens) => {
    const name = tokens.next();
    tokens.expect("=");
    const value = parseOperand(tokens);
    return (item, changed, context) => {
      changed[nameIn(name, context)] = value(item, context);
    };
  },
  ADD: (tokens) => {
    const name = tokens.next();
    const value = parseSimple(tokens);
    return (item, changed, context) => {
      const key = nameIn(name, context);
      changed[key] = Number(item[key] ?? 0) + Number(value(item, context));
    };
  },
  REMOVE: (tokens) => {
    const name = tokens.next();
    return (_, changed, context) => {
      delete changed[nameIn(name, context)];
    };
  },
};

/** Applies an UpdateExpression; its values refer to the item as it was. */
export const parseUpdate = cached((expression): Evaluate<Attributes> => {
  const tokens = tokensOf(expression);
  const clauses: Clause[] = [];
  while (tokens.peek() !== undefined) {
    const parse = CLAUSES[tokens.next().toUpperCase()];
    if (!parse) throw new Error(`the clause is not simulated: ${expression}`);
    do clauses.push(parse(tokens));
    while (tokens.take(","));
  }
  return (item, context) => {
    const changed = { ...item };
    for (const clause of clauses) clause(item, changed, context);
    return changed;
  };
});
