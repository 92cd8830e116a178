/** Which IAM roles may access the cluster, and as which user (EKS User Guide, "Grant IAM users access to Kubernetes with access entries"). */

export interface AccessEntry {
  /** The ARN of an IAM role. */
  readonly principalArn: string;
  readonly clusterName: string;
  /** `STANDARD` by default. Nodes can join only with the types for them. */
  readonly type?: string;
  readonly kubernetesGroups: readonly string[];
  /** If undefined, EKS's default: the session's ARN. */
  readonly username: string | undefined;
}

export interface AccessEntries {
  /** Throws on entries that EKS rejects: a second entry for a principal, or groups reserved by Kubernetes or EKS. */
  create(entry: AccessEntry): void;
  find(clusterName: string, principalArn: string): AccessEntry | undefined;
  /** Whether instances with the role can join the cluster as nodes. */
  admitsNodes(clusterName: string, principalArn: string): boolean;
}

const RESERVED_PREFIXES = ["system:", "eks:", "aws:", "amazon:", "iam:"];

export const createAccessEntries = (): AccessEntries => {
  const entries = new Map<string, AccessEntry>();
  const keyOf = (clusterName: string, principalArn: string) => `${clusterName} ${principalArn}`;
  const find = (clusterName: string, principalArn: string) => entries.get(keyOf(clusterName, principalArn));
  return {
    find,
    admitsNodes: (clusterName, principalArn) => find(clusterName, principalArn)?.type === "EC2_LINUX",
    create: (entry) => {
      const reserved = entry.kubernetesGroups.find((group) =>
        RESERVED_PREFIXES.some((prefix) => group.startsWith(prefix)),
      );
      if (reserved) throw new Error(`access entry for ${entry.principalArn}: group ${reserved} has a reserved prefix`);
      const key = keyOf(entry.clusterName, entry.principalArn);
      if (entries.has(key)) throw new Error(`access entry for ${entry.principalArn} already exists`);
      entries.set(key, entry);
    },
  };
};
