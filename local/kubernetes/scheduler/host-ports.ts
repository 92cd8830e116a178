import type { PodSpec } from "../objects.ts";

/** A port of the node itself, as `protocol/address/port`. */
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

/** Two ports clash on one address, and on any address if one of them listens on all (framework.HostPortInfo). */
export const clash = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === ANY_ADDRESS || other.address === ANY_ADDRESS);
