import { randomBytes } from "node:crypto";
import { ANONYMOUS, type Identity, withImpliedGroups } from "./identity.ts";

/** Finds out whose bearer token it is; undefined for one that is not valid. */
export type Authenticate = (token: string) => Promise<{ user: string; groups: readonly string[] } | undefined>;

export interface Tokens {
  /** A token that stays valid as long as the server runs. */
  issue(user: string, groups: readonly string[]): string;
  /** The identity behind an Authorization header: without a token anybody's, undefined for a token that nobody knows. */
  identify(authorization: string | undefined): Promise<Identity | undefined>;
}

/** Tokens issued here, and for all others whatever `authenticate` says (EKS tokens, in the embedded cloud). */
export const createTokens = (authenticate: Authenticate): Tokens => {
  const issued = new Map<string, Identity>();
  return {
    issue: (user, groups) => {
      const token = randomBytes(24).toString("base64url");
      issued.set(token, withImpliedGroups({ user, groups }));
      return token;
    },
    identify: async (authorization) => {
      const token = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
      if (!token) return ANONYMOUS;
      const known = issued.get(token);
      if (known) return known;
      const found = await authenticate(token);
      return found && withImpliedGroups(found);
    },
  };
};
