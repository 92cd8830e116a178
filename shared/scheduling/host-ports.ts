import type { PodSpec } from "../model/kubernetes/objects.ts";

/** A port of the node itself. */
export interface HostPort {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

const ANY_ADDRESS = "0.0.0.0";

/** Ports that a pod takes of its node: those of its containers and sidecars. */
export const hostPorts = ({ containers, initContainers = [] }: PodSpec): readonly HostPort[] =>
  [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")].flatMap(
    ({ ports = [] }) =>
      ports.flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort ? [{ protocol: protocol ?? "TCP", address: hostIP || ANY_ADDRESS, port: hostPort }] : [],
      ),
  );

/** On one address, or on any if one of the two listens on all (k8s.io/kubernetes/pkg/scheduler/framework, HostPortInfo). */
const clash = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === ANY_ADDRESS || other.address === ANY_ADDRESS);

/** The first of the wanted ports that is taken. */
export const takenPort = (wanted: readonly HostPort[], taken: readonly HostPort[]): HostPort | undefined =>
  wanted.find((port) => taken.some((other) => clash(port, other)));
