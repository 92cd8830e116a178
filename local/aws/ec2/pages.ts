import { integer, type Params, text } from "../gateway/query-params.ts";
import { CloudError } from "../gateway/service.ts";
import { invalidValue } from "./errors.ts";

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

interface Options<T> {
  readonly min: number;
  readonly max: number;
  /** Increases along the list and is fixed per item, so items that appear or vanish between pages do not shift the others. */
  readonly orderOf?: (item: T) => number;
}

const readToken = (token: string): number => {
  const order = Number(
    Buffer.from(token, "base64url")
      .toString()
      .replace(/^after:/, "") || Number.NaN,
  );
  if (!Number.isFinite(order)) throw new CloudError("InvalidNextToken", "The specified token is not valid.");
  return order;
};

/** Returns the page selected by MaxResults and NextToken; without MaxResults, everything after NextToken. */
export const paginate = <T>(params: Params, items: readonly T[], { min, max, orderOf }: Options<T>): Page<T> => {
  const size = integer(params, "MaxResults");
  if (size !== undefined && (size < min || size > max)) {
    const bound = size < min ? `greater than ${min}` : `less than ${max}`;
    throw invalidValue(`Value ( ${size} ) for parameter maxResults is invalid. Expecting a value ${bound}.`);
  }
  const ordered = items.map((item, index) => ({ item, order: orderOf?.(item) ?? index }));
  const token = text(params, "NextToken");
  const after = token === undefined ? Number.NEGATIVE_INFINITY : readToken(token);
  const rest = ordered.filter(({ order }) => order > after);
  const page = rest.slice(0, size ?? rest.length);
  const last = page.at(-1);
  const nextToken =
    last && page.length < rest.length ? Buffer.from(`after:${last.order}`).toString("base64url") : undefined;
  return { items: page.map(({ item }) => item), nextToken };
};
