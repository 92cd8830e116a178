import type { ResourceType } from "../resources.ts";
import { customPrinter } from "./custom.ts";
import { events } from "./printers/events.ts";
import { nodes } from "./printers/nodes.ts";
import { pods } from "./printers/pods.ts";
import { SIMPLE } from "./printers/simple.ts";
import { daemonSets, deployments, jobs, replicaSets, statefulSets } from "./printers/workloads.ts";
import type { Printer } from "./table.ts";

const BUILT_IN: Readonly<Record<string, Printer>> = {
  ...SIMPLE,
  nodes,
  pods,
  events,
  "deployments.apps": deployments,
  "replicasets.apps": replicaSets,
  replicationcontrollers: replicaSets,
  "daemonsets.apps": daemonSets,
  "statefulsets.apps": statefulSets,
  "jobs.batch": jobs,
};

const nameAndAge = customPrinter([
  { name: "Name", type: "string", jsonPath: ".metadata.name" },
  { name: "Age", type: "string", jsonPath: ".metadata.creationTimestamp" },
]);

/** The printer of a resource. Resources without their own printer show name and age. */
export const printerOf = (type: ResourceType): Printer =>
  type.custom ? customPrinter(type.custom.columns) : (BUILT_IN[type.name] ?? nameAndAge);
