/**
 * Client tokens of launches ("Ensuring idempotency in Amazon EC2 API requests", Amazon EC2 Developer Guide). A token
 * counts per zone where the request names a subnet: the same token in another zone is another launch. It is bound to its
 * parameters from the first attempt on, also where that met no capacity.
 */
import { CloudError } from "../gateway/service.ts";
import { type Params, text } from "./params.ts";

export interface LaunchTokens {
  /** The instances of an earlier launch; throws IdempotentParameterMismatch if it had other parameters. */
  recall(action: string, zone: string, params: Params): readonly string[] | undefined;
  remember(action: string, zone: string, params: Params, instanceIds: readonly string[]): void;
}

/** More than live at once anywhere here; the oldest are forgotten first, as in EC2 after a while. */
const MOST_TOKENS = 100_000;
const LONGEST_TOKEN = 64;

const fingerprint = (params: Params): string =>
  JSON.stringify(params, (name, value: unknown) => {
    if (name === "ClientToken" || name === "DryRun") return undefined;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
  });

const readToken = (params: Params): string | undefined => {
  const token = text(params, "ClientToken");
  if (token === undefined) return undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what EC2 allows.
  if (token.length > LONGEST_TOKEN || !/^[\x00-\x7f]*$/.test(token)) {
    throw new CloudError("InvalidParameterValue", `Value (${token}) for parameter clientToken is invalid. `);
  }
  return token;
};

export const createLaunchTokens = (): LaunchTokens => {
  const launches = new Map<string, { fingerprint: string; instanceIds: readonly string[] | undefined }>();

  const keep = (key: string, launch: { fingerprint: string; instanceIds: readonly string[] | undefined }) => {
    launches.set(key, launch);
    const oldest = launches.keys().next().value;
    if (launches.size > MOST_TOKENS && oldest !== undefined) launches.delete(oldest);
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
