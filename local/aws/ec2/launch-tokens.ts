/**
 * Client tokens of launches ("Ensuring idempotency in Amazon EC2 API requests", Amazon EC2 Developer Guide). If the
 * request names a subnet, a token applies per zone: the same token in another zone is a new launch. The first attempt
 * binds the token to its parameters, even if it failed for lack of capacity.
 */

import { type Params, text } from "../gateway/query-params.ts";
import { CloudError } from "../gateway/service.ts";

export interface LaunchTokens {
  /** Returns the instances of an earlier launch with the same token; throws IdempotentParameterMismatch if its parameters differ. */
  recall(action: string, zone: string, params: Params): readonly string[] | undefined;
  remember(action: string, zone: string, params: Params, instanceIds: readonly string[]): void;
}

/** More than any test has active at once. The oldest are dropped first, as EC2 does after a while. */
const MAX_TOKENS = 100_000;
const MAX_TOKEN_LENGTH = 64;

const fingerprint = (params: Params): string =>
  JSON.stringify(params, (name, value: unknown) => {
    if (name === "ClientToken" || name === "DryRun") return undefined;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });

const readToken = (params: Params): string | undefined => {
  const token = text(params, "ClientToken");
  if (token === undefined) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: EC2 allows ASCII only.
  if (token.length > MAX_TOKEN_LENGTH || !/^[\x00-\x7f]*$/.test(token)) {
    throw new CloudError("InvalidParameterValue", `Value (${token}) for parameter clientToken is invalid. `);
  }
  return token;
};

export const createLaunchTokens = (): LaunchTokens => {
  const launches = new Map<string, { fingerprint: string; instanceIds: readonly string[] | undefined }>();

  const keep = (key: string, launch: { fingerprint: string; instanceIds: readonly string[] | undefined }) => {
    launches.set(key, launch);
    const oldest = launches.keys().next().value;
    if (launches.size > MAX_TOKENS && oldest !== undefined) launches.delete(oldest);
  };

  return {
    recall: (action, zone, params) => {
      const token = readToken(params);
      if (token === undefined) return undefined;
      const key = `${action}/${zone}/${token}`;
      const launch = launches.get(key);
      if (!launch) {
        keep(key, { fingerprint: fingerprint(params), instanceIds: undefined });
        return undefined;
      }
      if (launch.fingerprint !== fingerprint(params)) {
        throw new CloudError(
          "IdempotentParameterMismatch",
          "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
        );
      }
      return launch.instanceIds;
    },
    remember: (action, zone, params, instanceIds) => {
      const token = readToken(params);
      if (token !== undefined) keep(`${action}/${zone}/${token}`, { fingerprint: fingerprint(params), instanceIds });
    },
  };
};
