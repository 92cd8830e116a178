import { controllerOf, type Deployment, type PodTemplate } from "../../objects/objects.ts";
import { ownerReference } from "./create-pod.ts";
import { deploymentStatus } from "./deployment-status.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { planRollout } from "./rollout.ts";
import { templateHash } from "./template-hash.ts";
import { startWorkloadController, type WorkloadOptions, writeStatus } from "./workload.ts";

const HASH_LABEL = "pod-template-hash";
const REVISION = "deployment.kubernetes.io/revision";

const withHash = (template: PodTemplate, hash: string): PodTemplate => ({
  ...template,
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [HASH_LABEL]: hash } },
});

const newReplicaSet = (deployment: Deployment, hash: string, revision: number): ReplicaSet => {
  const { name, namespace } = deployment.metadata;
  const template = withHash(deployment.spec.template, hash);
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: template.metadata?.labels,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: 0,
      selector: {
        ...deployment.spec.selector,
        matchLabels: { ...deployment.spec.selector.matchLabels, [HASH_LABEL]: hash },
      },
      template,
    },
  };
};

const revisionOf = ({ metadata }: ReplicaSet): number => Number(metadata.annotations?.[REVISION] ?? 0);

/** The Deployment controller: one ReplicaSet per pod template revision, with pods moving from the old ones to the newest. */
export const startDeployments = (options: WorkloadOptions): (() => void) => {
  const { clock, store, recordEvent } = options;

  const replicaSetsOf = ({ metadata }: Deployment): ReplicaSet[] =>
    store
      .list<ReplicaSet>("replicasets.apps", metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === metadata.uid && !set.metadata.deletionTimestamp);

  const scaleReplicaSet = (deployment: Deployment, { metadata, spec }: ReplicaSet, replicas: number): void => {
    if (spec.replicas === replicas) return;
    const direction = replicas > spec.replicas ? "up" : "down";
    const message = `Scaled ${direction} replica set ${metadata.name} from ${spec.replicas} to ${replicas}`;
    const component = "deployment-controller";
    recordEvent(deployment, { type: "Normal", reason: "ScalingReplicaSet", message, component });
    store.change<ReplicaSet>("replicasets.apps", metadata.name, metadata.namespace, (current) => {
      current.spec.replicas = replicas;
    });
  };

  const getNewestSet = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet => {
    const hash = templateHash(deployment.spec.template);
    const latest = Math.max(0, ...sets.map(revisionOf));
    const existing = sets.find(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash);
    if (!existing) return store.create<ReplicaSet>("replicasets.apps", newReplicaSet(deployment, hash, latest + 1));
    if (revisionOf(existing) === latest) return existing;
    const { name, namespace } = existing.metadata;
    const updated = store.change<ReplicaSet>("replicasets.apps", name, namespace, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [REVISION]: String(latest + 1) };
    });
    return updated ?? existing;
  };

  const deleteOldest = ({ spec }: Deployment, old: readonly ReplicaSet[]): void => {
    const idle = old.filter((set) => set.spec.replicas === 0 && !set.status?.replicas);
    const surplus = idle.length - (spec.revisionHistoryLimit ?? 10);
    const oldestFirst = idle.toSorted((one, other) => revisionOf(one) - revisionOf(other));
    for (const { metadata } of oldestFirst.slice(0, Math.max(0, surplus))) {
      store.remove("replicasets.apps", metadata.name, metadata.namespace);
    }
  };

  const reconcile = (deployment: Deployment): void => {
    const before = replicaSetsOf(deployment);
    const newest = getNewestSet(deployment, before);
    const old = before.filter(({ metadata }) => metadata.uid !== newest.metadata.uid);
    if (!deployment.spec.paused) {
      for (const { set, replicas } of planRollout(deployment.spec, newest, old).scales)
        scaleReplicaSet(deployment, set, replicas);
      deleteOldest(deployment, old);
    }
    const { name, namespace } = deployment.metadata;
    const revision = String(revisionOf(newest));
    store.change("deployments.apps", name, namespace, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [REVISION]: revision };
    });
    const current = store.get<Deployment>("deployments.apps", name, namespace);
    if (current)
      writeStatus(
        store,
        "deployments.apps",
        current,
        deploymentStatus(current, newest, replicaSetsOf(deployment), clock.now()),
      );
  };

  const watched = { resource: "deployments.apps", kind: "Deployment", owned: "replicasets.apps" };
  return startWorkloadController<Deployment>(options, watched, reconcile).stop;
};
