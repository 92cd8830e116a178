import type { Target } from "@aws-sdk/client-eventbridge";
import { type BusEvent, CloudError } from "../gateway/service.ts";
import { parsePath, readPath } from "./json-path.ts";

export interface RuleIdentity {
  readonly name: string;
  readonly arn: string;
}

type Inputs = Pick<Target, "Input" | "InputPath" | "InputTransformer">;

/** Returns the text that a target receives: a constant, a part of the event, a filled template, or the whole event. */
export const renderInput = (target: Inputs, event: BusEvent, rule: RuleIdentity, ingestedAt: string): string => {
  if (target.Input !== undefined) return target.Input;
  if (target.InputPath !== undefined) return JSON.stringify(readPath(event, target.InputPath) ?? null);
  const transformer = target.InputTransformer;
  if (!transformer) return JSON.stringify(event);
  const values = new Map<string, unknown>(predefined(event, rule, ingestedAt));
  for (const [name, path] of Object.entries(transformer.InputPathsMap ?? {})) values.set(name, readPath(event, path));
  return fillTemplate(transformer.InputTemplate ?? "", values);
};

/** Throws ValidationException for a target that EventBridge's PutTargets rejects. */
export const checkInput = (target: Inputs): void => {
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((input) => input !== undefined);
  if (inputs.length > 1) throw invalid("Only one of Input, InputPath, or InputTransformer must be provided");
  if (target.Input !== undefined && !isJson(target.Input)) throw invalid("JSON syntax error in input");
  if (target.InputPath !== undefined) parsePath(target.InputPath);
  if (target.InputTransformer) checkTransformer(target.InputTransformer);
};

const checkTransformer = ({ InputPathsMap = {}, InputTemplate = "" }: NonNullable<Target["InputTransformer"]>) => {
  const names = Object.keys(InputPathsMap);
  if (names.length > 100) throw invalid("InputPathsMap may hold at most 100 paths");
  if (names.some((name) => name.startsWith("AWS") || name.startsWith("aws."))) throw invalid("Reserved variable name");
  Object.values(InputPathsMap).forEach(parsePath);
  const known = new Set([...names, ...PREDEFINED]);
  const sample = new Map([...known].map((name) => [name, "x"]));
  for (const [, name] of InputTemplate.matchAll(VARIABLE)) {
    if (name && !known.has(name)) throw invalid(`InputTemplate for target contains undefined variable <${name}>`);
  }
  if (InputTemplate.trim().startsWith("{") && !isJson(fillTemplate(InputTemplate, sample))) {
    throw invalid("InputTemplate for target contains invalid JSON");
  }
};

const PREDEFINED = [
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
] as const;

const predefined = (event: BusEvent, rule: RuleIdentity, ingestedAt: string): [string, unknown][] => {
  const { detail: _, ...withoutDetail } = event;
  const values = [rule.arn, rule.name, ingestedAt, withoutDetail, event];
  return PREDEFINED.map((name, index) => [name, values[index]]);
};

const VARIABLE = /<([A-Za-z0-9_.-]+)>/g;
/** A variable, an escaped character, a quotation mark, or any other text. */
const TOKEN = /<[A-Za-z0-9_.-]+>|\\.|"|[^<\\"]+|</gs;

/**
 * Inserts a value as JSON outside quotation marks and as escaped text inside them. A path that does not exist becomes an
 * empty string. (EventBridge user guide, "Input transformation".)
 */
const fillTemplate = (template: string, values: ReadonlyMap<string, unknown>): string => {
  let quoted = false;
  const fill = (token: string): string => {
    if (token === '"') quoted = !quoted;
    const name = token.startsWith("<") && token.endsWith(">") ? token.slice(1, -1) : undefined;
    if (name === undefined || !values.has(name)) return token;
    const value = values.get(name) ?? "";
    if (!quoted) return JSON.stringify(value);
    return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
  };
  return (template.match(TOKEN) ?? []).map(fill).join("");
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const invalid = (message: string): CloudError => new CloudError("ValidationException", message);
