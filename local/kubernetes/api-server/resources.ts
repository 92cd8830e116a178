import type { Schema } from "./schema/schema.ts";
import type { ResourceName } from "./store.ts";
import type { CustomColumn } from "./tables/custom.ts";

/** A served resource: built-in or defined by a CustomResourceDefinition. */
export interface ResourceType {
  /** The resource's name in the store. */
  readonly name: ResourceName;
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Whether it has a status subresource. If so, its main endpoint does not write the status. */
  readonly status: boolean;
  /** Whether it has a scale subresource. */
  readonly scale: boolean;
  readonly custom?: { readonly schema: Schema; readonly columns: readonly CustomColumn[] };
}

/** Each line is `group/version plural Kind shortNames flags`. Flags: n(amespaced), s(tatus), c (scale), a(ll). */
const TABLE = `
v1 nodes Node no s
v1 pods Pod po nsa
v1 namespaces Namespace ns s
v1 events Event ev n
v1 services Service svc nsa
v1 endpoints Endpoints ep n
v1 configmaps ConfigMap cm n
v1 secrets Secret - n
v1 serviceaccounts ServiceAccount sa n
v1 persistentvolumes PersistentVolume pv s
v1 persistentvolumeclaims PersistentVolumeClaim pvc ns
v1 replicationcontrollers ReplicationController rc nsca
v1 resourcequotas ResourceQuota quota ns
v1 limitranges LimitRange limits n
apps/v1 deployments Deployment deploy nsca
apps/v1 replicasets ReplicaSet rs nsca
apps/v1 daemonsets DaemonSet ds nsa
apps/v1 statefulsets StatefulSet sts nsca
apps/v1 controllerrevisions ControllerRevision - n
batch/v1 jobs Job - nsa
batch/v1 cronjobs CronJob cj nsa
policy/v1 poddisruptionbudgets PodDisruptionBudget pdb ns
storage.k8s.io/v1 storageclasses StorageClass sc -
storage.k8s.io/v1 volumeattachments VolumeAttachment - s
storage.k8s.io/v1 csinodes CSINode - -
storage.k8s.io/v1 csidrivers CSIDriver - -
coordination.k8s.io/v1 leases Lease - n
scheduling.k8s.io/v1 priorityclasses PriorityClass pc -
discovery.k8s.io/v1 endpointslices EndpointSlice - n
rbac.authorization.k8s.io/v1 roles Role - n
rbac.authorization.k8s.io/v1 rolebindings RoleBinding - n
rbac.authorization.k8s.io/v1 clusterroles ClusterRole - -
rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding - -
apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition crd,crds s
`;

const parseLine = (line: string): ResourceType => {
  const [groupVersion = "", plural = "", kind = "", shortNames = "-", flags = "-"] = line.split(" ");
  const [group, version] = groupVersion.includes("/") ? groupVersion.split("/") : ["", groupVersion];
  return {
    name: group ? `${plural}.${group}` : plural,
    group: group ?? "",
    version: version ?? "",
    plural,
    singular: kind.toLowerCase(),
    kind,
    listKind: `${kind}List`,
    namespaced: flags.includes("n"),
    shortNames: shortNames === "-" ? [] : shortNames.split(","),
    categories: flags.includes("a") ? ["all"] : [],
    status: flags.includes("s"),
    scale: flags.includes("c"),
  };
};

/** The built-in resources, limited to those that Stratos and kubectl use. */
export const BUILT_IN: readonly ResourceType[] = TABLE.trim().split("\n").map(parseLine);
