/** Who a request comes from, as authentication found out. */
export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export const MASTERS = "system:masters";
const AUTHENTICATED = "system:authenticated";

/** Who shows no token at all (--anonymous-auth, on by default). */
export const ANONYMOUS: Identity = { user: "system:anonymous", groups: ["system:unauthenticated"] };

/** Every identity with a valid token is in this group; a service account also in those of service accounts. */
export const withImpliedGroups = ({ user, groups }: Identity): Identity => {
  const namespace = /^system:serviceaccount:([^:]+):/.exec(user)?.[1];
  const implied = namespace ? ["system:serviceaccounts", `system:serviceaccounts:${namespace}`] : [];
  return { user, groups: [...new Set([...groups, ...implied, AUTHENTICATED])] };
};

/** The user name of a service account. */
export const serviceAccountUser = (namespace: string, name: string): string =>
  `system:serviceaccount:${namespace}:${name}`;
