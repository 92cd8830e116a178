/** Which IAM roles may access the cluster, and as which user (EKS User Guide, "Grant IAM users access to Kubernetes with access entries"). */

export interface AccessEntry {
  /** The ARN of an IAM role. */
  readonly principalArn: string;
  readonly clusterName: string;
  readonly kubernetesGroups: readonly string[];
  /** If undefined, EKS's default: the session's ARN. */
  readonly username: string | undefined;
}

export interface AccessEntries {
  /** Throws on entries that EKS rejects: a second entry for a principal, or groups reserved by Kubernetes or EKS. */
  create(entry: AccessEntry): void;
  find(clusterName: string, principalArn: string): AccessEntry | undefined;
}

const RESERVED_PREFIXES = ["system:", "eks:", "aws:", "amazon:", "iam:"];

export const createAccessEntries = (): AccessEntries => {
  const entries = new Map<string, AccessEntry>();
  const keyOf = (clusterName: string, principalArn: string) => `${clusterName} ${principalArn}`;
  return {
    create: (entry) => {
      const reserved = entry.kubernetesGroups.find((group) =>
        RESERVED_PREFIXES.some((prefix) => group.startsWith(prefix)),
      );
      if (reserved) throw new Error(`access entry for ${entry.principalArn}: group ${reserved} has a reserved prefix`);
      const key = keyOf(entry.clusterName, entry.principalArn);
      if (entries.has(key)) throw new Error(`access entry for ${entry.principalArn} already exists`);
      entries.set(key, entry);
    },
    find: (clusterName, principalArn) => entries.get(keyOf(clusterName, principalArn)),
  };
};
