/** Reads the part of PromQL that Stratos's own alerts and dashboard use, and refuses everything else. */

export interface Promql {
  readonly metrics: readonly string[];
  /** The labels in selectors and in `by`, `on` and the like. */
  readonly labels: readonly string[];
}

const TOKEN =
  /\s*(?:(?<text>"[^"]*")|(?<range>\[[^\]]*\])|(?<number>\d+(?:\.\d+)?)|(?<name>[a-zA-Z_]\w*)|(?<sign>==|!=|>=|<=|=~|!~|[-+*/<>=(){},]))/y;

type Kind = "text" | "range" | "number" | "name" | "sign";
interface Token {
  readonly kind: Kind;
  readonly value: string;
}

const tokensOf = (expression: string): Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const groups = TOKEN.exec(expression)?.groups;
    const [kind, value] = Object.entries(groups ?? {}).find(([, found]) => found !== undefined) ?? [];
    if (!kind || value === undefined) throw new Error(`cannot read ${expression.slice(at)}`);
    tokens.push({ kind: kind as Kind, value });
  }
  return tokens;
};

const FUNCTIONS = ["rate", "increase", "histogram_quantile", "absent"];
const AGGREGATIONS = ["sum", "max", "min", "count"];
const BINARY = ["==", "!=", ">=", "<=", ">", "<", "+", "-", "*", "/", "and", "or", "unless"];
const MATCHERS = ["=", "!=", "=~", "!~"];

/** A recursive descent: `expression := operand (operator matching? operand)*`. */
export const readPromql = (expression: string): Promql => {
  const tokens = tokensOf(expression);
  const metrics: string[] = [];
  const labels: string[] = [];
  let at = 0;
  const peek = () => tokens[at]?.value ?? "";
  const next = (): Token => {
    const token = tokens[at];
    if (!token) throw new Error(`unbalanced or unfinished: ${expression}`);
    at += 1;
    return token;
  };
  const accept = (value: string): boolean => peek() === value && next() !== undefined;
  const expectSign = (value: string) => {
    const found = next();
    if (found.value !== value) throw new Error(`expected ${value}, an operator or the end, found ${found.value}`);
  };

  const names = () => {
    expectSign("(");
    while (!accept(")")) {
      labels.push(next().value);
      if (peek() !== ")") expectSign(",");
    }
  };
  const selector = () => {
    while (!accept("}")) {
      const [label, matcher, value] = [next(), next(), next()];
      if (label.kind !== "name" || !MATCHERS.includes(matcher.value) || value.kind !== "text") {
        throw new Error(`not a matcher: ${label.value}${matcher.value}${value.value}`);
      }
      labels.push(label.value);
      if (peek() !== "}") expectSign(",");
    }
  };
  const call = () => {
    expectSign("(");
    do binary();
    while (accept(","));
    expectSign(")");
  };
  const operand = () => {
    if (accept("(")) {
      binary();
      return expectSign(")");
    }
    const { kind, value } = next();
    if (kind === "number") return;
    if (kind !== "name") throw new Error(`expected a metric, found ${value}`);
    if (AGGREGATIONS.includes(value)) {
      if (accept("by") || accept("without")) names();
      return call();
    }
    if (peek() === "(") {
      if (!FUNCTIONS.includes(value)) throw new Error(`unknown function ${value}`);
      return call();
    }
    metrics.push(value);
    if (accept("{")) selector();
    if (tokens[at]?.kind === "range") range(next().value);
  };
  const binary = () => {
    operand();
    while (BINARY.includes(peek())) {
      next();
      if (accept("on") || accept("ignoring")) names();
      if (accept("group_left") || accept("group_right")) names();
      operand();
    }
  };

  binary();
  if (at < tokens.length) throw new Error(`expected an operator, found ${peek()} in ${expression}`);
  return { metrics, labels };
};

const range = (value: string): void => {
  if (!/^\[(\d+[smhd]|\$__rate_interval)\]$/.test(value)) throw new Error(`not a range: ${value}`);
};
