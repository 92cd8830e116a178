import { controllerOf, type Deployment, type PodTemplate } from "../../objects.ts";
import { ownerReference } from "./create-pod.ts";
import { deploymentStatus } from "./deployment-status.ts";
import type { ReplicaSet } from "./replica-set.ts";
import { planRollout } from "./rollout.ts";
import { templateHash } from "./template-hash.ts";
import { startWorkloadLoop, type WorkloadOptions, writeStatus } from "./workload.ts";

const HASH_LABEL = "pod-template-hash";
const REVISION = "deployment.kubernetes.io/revision";

const withHash = (template: PodTemplate, hash: string): PodTemplate => ({
  ...template,
  metadata: { ...template.metadata, labels: { ...template.metadata?.labels, [HASH_LABEL]: hash } },
});

const newSet = (deployment: Deployment, hash: string, revision: number): ReplicaSet => {
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

/** Turns each Deployment into a ReplicaSet for each of its templates, and moves pods from the old ones to the newest. */
export const startDeployments = (options: WorkloadOptions): (() => void) => {
  const { clock, store, recordEvent } = options;

  const setsOf = ({ metadata }: Deployment): ReplicaSet[] =>
    store
      .list<ReplicaSet>("replicasets.apps", metadata.namespace)
      .filter((set) => controllerOf(set)?.uid === metadata.uid && !set.metadata.deletionTimestamp);

  const scale = (deployment: Deployment, { metadata, spec }: ReplicaSet, replicas: number): void => {
    if (spec.replicas === replicas) return;
    const direction = replicas > spec.replicas ? "up" : "down";
    const message = `Scaled ${direction} replica set ${metadata.name} from ${spec.replicas} to ${replicas}`;
    const component = "deployment-controller";
    recordEvent(deployment, { type: "Normal", reason: "ScalingReplicaSet", message, component });
    store.change<ReplicaSet>("replicasets.apps", metadata.name, metadata.namespace, (current) => {
      current.spec.replicas = replicas;
    });
  };

  const newestSet = (deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet => {
    const hash = templateHash(deployment.spec.template);
    const latest = Math.max(0, ...sets.map(revisionOf));
    const known = sets.find(({ metadata }) => metadata.labels?.[HASH_LABEL] === hash);
    if (!known) return store.create<ReplicaSet>("replicasets.apps", newSet(deployment, hash, latest + 1));
    if (revisionOf(known) === latest) return known;
    const { name, namespace } = known.metadata;
    const renewed = store.change<ReplicaSet>("replicasets.apps", name, namespace, ({ metadata }) => {
      metadata.annotations = { ...metadata.annotations, [REVISION]: String(latest + 1) };
    });
    return renewed ?? known;
  };

  const forgetOldest = ({ spec }: Deployment, old: readonly ReplicaSet[]): void => {
    const idle = old.filter((set) => set.spec.replicas === 0 && !set.status?.replicas);
    const surplus = idle.length - (spec.revisionHistoryLimit ?? 10);
    const oldestFirst = idle.toSorted((one, other) => revisionOf(one) - revisionOf(other));
    for (const { metadata } of oldestFirst.slice(0, Math.max(0, surplus))) {
      store.remove("replicasets.apps", metadata.name, metadata.namespace);
    }
  };

  const reconcile = (deployment: Deployment): void => {
    const before = setsOf(deployment);
    const newest = newestSet(deployment, before);
    const old = before.filter(({ metadata }) => metadata.uid !== newest.metadata.uid);
    if (!deployment.spec.paused) {
      for (const { set, replicas } of planRollout(deployment.spec, newest, old).scales)
        scale(deployment, set, replicas);
      forgetOldest(deployment, old);
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
        deploymentStatus(current, newest, setsOf(deployment), clock.now()),
      );
  };

  const watched = { resource: "deployments.apps", kind: "Deployment", owned: "replicasets.apps" };
  return startWorkloadLoop<Deployment>(options, watched, reconcile).stop;
};
