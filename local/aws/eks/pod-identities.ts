/** Maps service accounts to the IAM roles of their pods (EKS User Guide, "EKS Pod Identity"). */

export interface PodIdentity {
  readonly clusterName: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly roleName: string;
}

export interface PodIdentities {
  /** Throws if the service account already has an association. */
  associate(identity: PodIdentity): void;
  /** Undefined if the service account has no AWS identity. */
  roleOf(clusterName: string, namespace: string, serviceAccount: string): string | undefined;
}

export const createPodIdentities = (): PodIdentities => {
  const roles = new Map<string, string>();
  const keyOf = (...parts: string[]) => parts.join("/");
  return {
    associate: ({ clusterName, namespace, serviceAccount, roleName }) => {
      const key = keyOf(clusterName, namespace, serviceAccount);
      if (roles.has(key)) throw new Error(`pod identity association for ${key} already exists`);
      roles.set(key, roleName);
    },
    roleOf: (...parts) => roles.get(keyOf(...parts)),
  };
};
