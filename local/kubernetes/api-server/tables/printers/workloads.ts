import type { V1DaemonSet, V1Deployment, V1Job, V1LabelSelector, V1PodTemplateSpec } from "@kubernetes/client-node";
import { formatSelector } from "../../selectors/labels.ts";
import { ageOf, humanDuration } from "../age.ts";
import type { Cell, Printer } from "../table.ts";
import { columns } from "./columns.ts";

const podColumns = (template: V1PodTemplateSpec | undefined, selector?: V1LabelSelector | null): Cell[] => [
  (template?.spec?.containers ?? []).map(({ name }) => name).join(","),
  (template?.spec?.containers ?? []).map(({ image }) => image ?? "").join(","),
  selector ? formatSelector(selector) : "<none>",
];

export const deployments: Printer = {
  columns: columns("Name, Ready, Up-to-date, Available, Age | Containers, Images, Selector"),
  cells: (object, now) => {
    const { spec, status } = object as unknown as V1Deployment;
    return [
      object.metadata.name,
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      status?.updatedReplicas ?? 0,
      status?.availableReplicas ?? 0,
      ageOf(object.metadata.creationTimestamp, now),
      ...podColumns(spec?.template, spec?.selector),
    ];
  },
};

export const replicaSets: Printer = {
  columns: columns("Name, Desired:integer, Current:integer, Ready:integer, Age | Containers, Images, Selector"),
  cells: (object, now) => {
    const { spec, status } = object as unknown as V1Deployment;
    return [
      object.metadata.name,
      spec?.replicas ?? 0,
      status?.replicas ?? 0,
      status?.readyReplicas ?? 0,
      ageOf(object.metadata.creationTimestamp, now),
      ...podColumns(spec?.template, spec?.selector),
    ];
  },
};

export const statefulSets: Printer = {
  columns: columns("Name, Ready, Age | Containers, Images"),
  cells: (object, now) => {
    const { spec, status } = object as unknown as V1Deployment;
    return [
      object.metadata.name,
      `${status?.readyReplicas ?? 0}/${spec?.replicas ?? 0}`,
      ageOf(object.metadata.creationTimestamp, now),
      ...podColumns(spec?.template).slice(0, 2),
    ];
  },
};

export const daemonSets: Printer = {
  columns: columns(
    "Name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age" +
      "| Containers, Images, Selector",
  ),
  cells: (object, now) => {
    const { spec, status } = object as unknown as V1DaemonSet;
    const nodeSelector = Object.entries(spec?.template.spec?.nodeSelector ?? {});
    return [
      object.metadata.name,
      status?.desiredNumberScheduled ?? 0,
      status?.currentNumberScheduled ?? 0,
      status?.numberReady ?? 0,
      status?.updatedNumberScheduled ?? 0,
      status?.numberAvailable ?? 0,
      nodeSelector.map(([label, value]) => `${label}=${value}`).join(",") || "<none>",
      ageOf(object.metadata.creationTimestamp, now),
      ...podColumns(spec?.template, spec?.selector),
    ];
  },
};

export const jobs: Printer = {
  columns: columns("Name, Status, Completions, Duration, Age | Containers, Images, Selector"),
  cells: (object, now) => {
    const { spec, status } = object as unknown as V1Job;
    const has = (type: string) => status?.conditions?.some((each) => each.type === type && each.status === "True");
    const state = ["Complete", "Failed", "Suspended", "FailureTarget", "SuccessCriteriaMet"].find(has) ?? "Running";
    const started = status?.startTime ? Date.parse(String(status.startTime)) : undefined;
    const ended = status?.completionTime ? Date.parse(String(status.completionTime)) : now;
    return [
      object.metadata.name,
      object.metadata.deletionTimestamp ? "Terminating" : state,
      `${status?.succeeded ?? 0}/${spec?.completions ?? 1}`,
      started === undefined ? "" : humanDuration(ended - started),
      ageOf(object.metadata.creationTimestamp, now),
      ...podColumns(spec?.template, spec?.selector),
    ];
  },
};
