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
  /** Undefined until the entry takes effect. */
  find(clusterName: string, principalArn: string): AccessEntry | undefined;
  /** Whether instances with the role can join the cluster as nodes. */
  admitsNodes(clusterName: string, principalArn: string): boolean;
}

interface AccessEntriesOptions {
  readonly now: () => number;
  /** How long an entry has no effect after its creation. */
  readonly delayMs: number;
}

/**
 * Right after an entry's creation, permissions "sometimes don't have enough time to propagate to the cluster and it fails auth"
 * (gravitational/teleport#37958, which retries within seconds). The figure: belief.
 */
export const USUAL_ENTRY_DELAY_MS = 5_000;

const RESERVED_PREFIXES = ["system:", "eks:", "aws:", "amazon:", "iam:"];

const AT_ONCE: AccessEntriesOptions = { now: () => 0, delayMs: 0 };

export const createAccessEntries = ({ now, delayMs }: AccessEntriesOptions = AT_ONCE): AccessEntries => {
  const entries = new Map<string, { readonly entry: AccessEntry; readonly effectiveAt: number }>();
  const keyOf = (clusterName: string, principalArn: string) => `${clusterName} ${principalArn}`;
  const find = (clusterName: string, principalArn: string): AccessEntry | undefined => {
    const found = entries.get(keyOf(clusterName, principalArn));
    return found && found.effectiveAt <= now() ? found.entry : undefined;
  };
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
      entries.set(key, { entry, effectiveAt: now() + delayMs });
    },
  };
};
