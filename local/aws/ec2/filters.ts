/** `Filter.N` of the Describe calls: an item must match every filter, by any of its values. * and ? are wildcards. */

import { branches, type Params, text, texts } from "../gateway/query-params.ts";
import { CloudError } from "../gateway/service.ts";
import type { Tags } from "./tag-book.ts";

type Values = string | undefined | readonly (string | undefined)[];
/** The values that each filter compares. */
export type FilterFields<T> = Readonly<Record<string, (item: T) => Values>>;

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

const readFilters = (params: Params): Filter[] =>
  branches(params, "Filter").map((filter) => ({ name: text(filter, "Name") ?? "", values: texts(filter, "Value") }));

const toPattern = (value: string): RegExp => {
  const source = value.replace(/\\?[\s\S]/g, (part) => {
    if (part === "*") return "[\\s\\S]*";
    if (part === "?") return "[\\s\\S]";
    return (part.length > 1 ? part.slice(1) : part).replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  });
  return new RegExp(`^${source}$`);
};

const tagValues = ({ name }: Filter, tags: Tags): readonly string[] | undefined => {
  if (name.startsWith("tag:")) {
    const value = tags[name.slice("tag:".length)];
    return value === undefined ? [] : [value];
  }
  if (name === "tag-key") return Object.keys(tags);
  return name === "tag-value" ? Object.values(tags) : undefined;
};

/** Throws InvalidParameterValue for a filter that EC2 does not have or the simulator does not support. */
export const applyFilters = <T>(
  params: Params,
  items: readonly T[],
  fields: FilterFields<T>,
  tagsOf: (item: T) => Tags,
): T[] => {
  const tests = readFilters(params).map((filter) => {
    const field = Object.hasOwn(fields, filter.name) ? fields[filter.name] : undefined;
    if (!field && tagValues(filter, {}) === undefined) {
      throw new CloudError("InvalidParameterValue", `The filter '${filter.name}' is invalid`);
    }
    const patterns = filter.values.map(toPattern);
    return (item: T) => {
      const values = field ? [field(item)].flat() : (tagValues(filter, tagsOf(item)) ?? []);
      return values.some((value) => value !== undefined && patterns.some((pattern) => pattern.test(value)));
    };
  });
  return items.filter((item) => tests.every((test) => test(item)));
};

/** True for a read that EC2 throttles with the larger bucket: one with filters, ids or a page size. */
export const isBounded = (params: Params): boolean =>
  Object.keys(params).some((name) => /^(Filter|MaxResults|NextToken)$|Id$|^(Owner|InstanceType)$/.test(name));
