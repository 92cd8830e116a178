import type { PodSpec } from "../objects/objects.ts";

/** A port on the node itself. */
export interface HostPort {
  readonly protocol: string;
  readonly address: string;
  readonly port: number;
}

const ANY_ADDRESS = "0.0.0.0";

/** The host ports of a pod's containers and sidecars. */
export const hostPorts = ({ containers, initContainers = [] }: PodSpec): readonly HostPort[] =>
  [...containers, ...initContainers.filter(({ restartPolicy }) => restartPolicy === "Always")].flatMap(
    ({ ports = [] }) =>
      ports.flatMap(({ hostPort, hostIP, protocol }) =>
        hostPort ? [{ protocol: protocol ?? "TCP", address: hostIP || ANY_ADDRESS, port: hostPort }] : [],
      ),
  );

/** Two ports conflict if they use the same address or if one of them listens on all addresses (framework.HostPortInfo). */
export const conflicts = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === ANY_ADDRESS || other.address === ANY_ADDRESS);
