import { randomBytes } from "node:crypto";
import { ANONYMOUS, type Identity, withImpliedGroups } from "./identity.ts";

/** Returns the user of a bearer token; undefined if the token is invalid. */
export type Authenticate = (token: string) => Promise<{ user: string; groups: readonly string[] } | undefined>;

export interface Tokens {
  /** Issues a token that is valid for as long as the server runs. */
  issue(user: string, groups: readonly string[]): string;
  /** The identity behind an Authorization header: anonymous without a token, undefined for an unknown token. */
  identify(authorization: string | undefined): Promise<Identity | undefined>;
}

/** Accepts tokens issued here; passes all others to `authenticate` (EKS tokens, in the local environment). */
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
