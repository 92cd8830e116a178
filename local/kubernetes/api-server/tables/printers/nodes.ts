import type { V1Node } from "@kubernetes/client-node";
import { ageOf } from "../age.ts";
import type { Printer } from "../table.ts";
import { columns } from "./columns.ts";

const ROLE = "node-role.kubernetes.io/";

/** Nodes, as printNode of k8s.io/kubernetes pkg/printers/internalversion shows them. */
export const nodes: Printer = {
  columns: columns(
    "Name, Status, Roles, Age, Version | Internal-IP, External-IP, OS-Image, Kernel-Version, Container-Runtime",
  ),
  cells: (object, now) => {
    const { spec, status, metadata } = object as unknown as V1Node;
    const address = (type: string) => status?.addresses?.find((each) => each.type === type)?.address ?? "<none>";
    const ready = status?.conditions?.find(({ type }) => type === "Ready");
    const state = ready ? (ready.status === "True" ? "Ready" : "NotReady") : "Unknown";
    const roles = Object.keys(metadata?.labels ?? {}).filter((label) => label.startsWith(ROLE));
    const { kernelVersion, architecture } = status?.nodeInfo ?? {};
    const kernel = kernelVersion && architecture ? `${kernelVersion} (${architecture})` : kernelVersion || "<unknown>";
    return [
      object.metadata.name,
      spec?.unschedulable ? `${state},SchedulingDisabled` : state,
      roles.map((role) => role.slice(ROLE.length)).join(",") || "<none>",
      ageOf(object.metadata.creationTimestamp, now),
      status?.nodeInfo?.kubeletVersion ?? "",
      address("InternalIP"),
      address("ExternalIP"),
      status?.nodeInfo?.osImage || "<unknown>",
      kernel,
      status?.nodeInfo?.containerRuntimeVersion || "<unknown>",
    ];
  },
};
