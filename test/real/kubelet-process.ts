import type { Machine } from "../../local/aws/ec2/machines.ts";
import type { KubeletSettings } from "../../local/kubernetes/kubelet/boot-plan.ts";
import { freePorts } from "../contract/free-ports.ts";
import { type GuardedProcess, startGuarded } from "../contract/guarded-process.ts";
import { findProgram } from "../contract/programs.ts";

/** kubelet's default; EKS computes a lower one from the instance type's addresses. */
const DEFAULT_MAX_PODS = 110;

export interface KubeletProcessOptions {
  readonly machine: Pick<Machine, "instanceId" | "privateDnsName" | "zone" | "vcpus" | "memoryMiB">;
  readonly settings: KubeletSettings;
  /** The path of a kubeconfig with the node's identity. */
  readonly kubeconfig: string;
  /** The folder for the log. */
  readonly directory: string;
  /** The folder for kubelet's own files, including a socket, whose path is limited to 107 characters. */
  readonly files: string;
}

const argumentsOf = ({ machine, settings, kubeconfig }: KubeletProcessOptions, port: number): string[] => {
  const { labels, taints, maxPods = DEFAULT_MAX_PODS } = settings;
  const registered = taints.map(({ key, value = "", effect }) => `${key}=${value}:${effect}`);
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    ...["-kubeconfig", kubeconfig, "-name", machine.privateDnsName, "-port", String(port)],
    ...["-provider-id", `aws:///${machine.zone}/${machine.instanceId}`],
    ...["-register-with-taints", registered.join(",")],
    ...(pairs.length > 0 ? ["-node-labels", pairs.join(",")] : []),
    ...["-cores", String(machine.vcpus), "-memory", String(machine.memoryMiB * 1024 * 1024)],
    ...["-max-pods", String(maxPods), "-status-period", "1s"],
  ];
};

/** Starts a real kubelet with a fake container runtime. */
export const startKubeletProcess = async (options: KubeletProcessOptions): Promise<GuardedProcess> => {
  const [port = 0] = await freePorts(1);
  const log = `${options.directory}/${options.machine.privateDnsName}.log`;
  return startGuarded(findProgram("hollow-kubelet"), argumentsOf(options, port), log, { TMPDIR: options.files });
};
