import { isObject, valueAt } from "../../json-value.ts";
import type { KubeObject } from "../../store.ts";
import { ageOf } from "../age.ts";
import type { Cell, Printer } from "../table.ts";
import { columns } from "./columns.ts";

type Read = (object: KubeObject, now: number) => Cell;

const at =
  (path: string, otherwise: Cell = ""): Read =>
  (object) => {
    const value = valueAt(object, path.split("."));
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : otherwise;
  };
const name = at("metadata.name");
const created = at("metadata.creationTimestamp");
const age: Read = (object, now) => ageOf(object.metadata.creationTimestamp, now);
const text =
  (path: string, otherwise: string): Read =>
  (object, now) =>
    String(at(path, otherwise)(object, now));
const count =
  (path: string): Read =>
  (object) => {
    const value = valueAt(object, path.split("."));
    return Array.isArray(value) ? value.length : isObject(value) ? Object.keys(value).length : 0;
  };
const joined =
  (path: string): Read =>
  (object) => {
    const value = valueAt(object, path.split("."));
    return Array.isArray(value) ? value.join(",") : "";
  };
const data: Read = (object) =>
  String(Object.keys(object.data ?? {}).length + Object.keys(object.binaryData ?? {}).length);

const printer = (list: string, ...reads: Read[]): Printer => ({
  columns: columns(list),
  cells: (object, now) => reads.map((read) => read(object, now)),
});

const subjects =
  (kind: string): Read =>
  ({ subjects }) =>
    (Array.isArray(subjects) ? subjects : [])
      .filter((subject) => subject.kind === kind)
      .map((subject) => (subject.namespace ? `${subject.namespace}/${subject.name}` : subject.name))
      .join(", ");
const role: Read = ({ roleRef }) => (isObject(roleRef) ? `${roleRef.kind}/${roleRef.name}` : "");
const binding = printer(
  "Name, Role, Age | Users, Groups, ServiceAccounts",
  name,
  role,
  age,
  subjects("User"),
  subjects("Group"),
  subjects("ServiceAccount"),
);
const roles = printer("Name, Created At:date", name, created);

const servicePorts: Read = ({ spec }) => {
  const ports = isObject(spec) && Array.isArray(spec.ports) ? spec.ports : [];
  return ports.map(({ port, protocol = "TCP" }) => `${port}/${protocol}`).join(",") || "<none>";
};
const serviceSelector: Read = ({ spec }) => {
  const selector = isObject(spec) && isObject(spec.selector) ? Object.entries(spec.selector) : [];
  return selector.map(([label, value]) => `${label}=${value}`).join(",") || "<none>";
};

/** Resources whose columns are plain fields. */
export const SIMPLE: Readonly<Record<string, Printer>> = {
  namespaces: printer("Name, Status, Age", name, at("status.phase"), age),
  configmaps: printer("Name, Data, Age", name, data, age),
  secrets: printer("Name, Type, Data, Age", name, at("type"), data, age),
  services: printer(
    "Name, Type, Cluster-IP, External-IP, Port(s), Age | Selector",
    name,
    at("spec.type"),
    at("spec.clusterIP", "<none>"),
    () => "<none>",
    servicePorts,
    age,
    serviceSelector,
  ),
  persistentvolumes: printer(
    "Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age | VolumeMode",
    name,
    at("spec.capacity.storage"),
    joined("spec.accessModes"),
    at("spec.persistentVolumeReclaimPolicy"),
    at("status.phase"),
    ({ spec }) => {
      const claim = isObject(spec) && isObject(spec.claimRef) ? spec.claimRef : undefined;
      return claim ? `${claim.namespace}/${claim.name}` : "";
    },
    at("spec.storageClassName"),
    text("spec.volumeAttributesClassName", "<unset>"),
    at("status.reason"),
    age,
    text("spec.volumeMode", "<unset>"),
  ),
  persistentvolumeclaims: printer(
    "Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age | VolumeMode",
    name,
    at("status.phase"),
    at("spec.volumeName"),
    at("status.capacity.storage"),
    joined("status.accessModes"),
    at("spec.storageClassName"),
    text("spec.volumeAttributesClassName", "<unset>"),
    age,
    text("spec.volumeMode", "<unset>"),
  ),
  "poddisruptionbudgets.policy": printer(
    "Name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age",
    name,
    text("spec.minAvailable", "N/A"),
    text("spec.maxUnavailable", "N/A"),
    at("status.disruptionsAllowed", 0),
    age,
  ),
  "storageclasses.storage.k8s.io": printer(
    "Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age",
    (object, now) =>
      object.metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true"
        ? `${object.metadata.name} (default)`
        : name(object, now),
    at("provisioner"),
    text("reclaimPolicy", "Delete"),
    text("volumeBindingMode", "Immediate"),
    at("allowVolumeExpansion", false),
    age,
  ),
  "volumeattachments.storage.k8s.io": printer(
    "Name, Attacher, PV, Node, Attached:boolean, Age",
    name,
    at("spec.attacher"),
    at("spec.source.persistentVolumeName"),
    at("spec.nodeName"),
    at("status.attached", false),
    age,
  ),
  "csinodes.storage.k8s.io": printer("Name, Drivers:integer, Age", name, count("spec.drivers"), age),
  "leases.coordination.k8s.io": printer("Name, Holder, Age", name, at("spec.holderIdentity"), age),
  "priorityclasses.scheduling.k8s.io": printer(
    "Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy",
    name,
    at("value", 0),
    at("globalDefault", false),
    age,
    at("preemptionPolicy", "PreemptLowerPriority"),
  ),
  "roles.rbac.authorization.k8s.io": roles,
  "clusterroles.rbac.authorization.k8s.io": roles,
  "rolebindings.rbac.authorization.k8s.io": binding,
  "clusterrolebindings.rbac.authorization.k8s.io": binding,
  "customresourcedefinitions.apiextensions.k8s.io": roles,
};
