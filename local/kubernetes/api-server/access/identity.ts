/** The authenticated user of a request. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export const MASTERS = "system:masters";
const AUTHENTICATED = "system:authenticated";

/** The identity of a request without a token (--anonymous-auth, on by default). */
export const ANONYMOUS: Identity = { user: "system:anonymous", groups: ["system:unauthenticated"] };

/** Adds the group of all authenticated users and, for a service account, the service account groups. */
export const withImpliedGroups = ({ user, groups }: Identity): Identity => {
  const namespace = /^system:serviceaccount:([^:]+):/.exec(user)?.[1];
  const implied = namespace ? ["system:serviceaccounts", `system:serviceaccounts:${namespace}`] : [];
  return { user, groups: [...new Set([...groups, ...implied, AUTHENTICATED])] };
};

/** The user name of a service account. */
export const serviceAccountUser = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;
