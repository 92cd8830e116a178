import type { Container, PodSpec } from "../model/kubernetes/objects.ts";

/** A port on the node's own network. */
export interface HostPort {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

const ANY_ADDRESS = "0.0.0.0";

const NO_PORTS: readonly HostPort[] = [];

const hasPorts = ({ ports }: Container): boolean => ports !== undefined;

/** The host ports that a pod uses: those of its containers and sidecars. */
export const hostPorts = ({ containers, initContainers = [] }: PodSpec): readonly HostPort[] => {
  if (!containers.some(hasPorts) && !initContainers.some(hasPorts)) return NO_PORTS;
  return [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")].flatMap(
    ({ ports = [] }) =>
      ports.flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort ? [{ protocol: protocol ?? "TCP", address: hostIP || ANY_ADDRESS, port: hostPort }] : [],
      ),
  );
};

/** Ports conflict on the same address, or if one of them listens on all addresses (k8s.io/kubernetes/pkg/scheduler/framework, HostPortInfo). */
const conflicts = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === ANY_ADDRESS || other.address === ANY_ADDRESS);

/** The first of the requested ports that conflicts with a used one. */
export const conflictingPort = (requested: readonly HostPort[], used: readonly HostPort[]): HostPort | undefined =>
  requested.find((port) => used.some((other) => conflicts(port, other)));
