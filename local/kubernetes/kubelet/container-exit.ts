/** Derives from a container's command when it exits: after `sleep N`, at once after `true`, or never. */
import { NOT_RUN } from "../../../shared/bootstrap/pre-pull-pod.ts";
import type { Container, PodSpec } from "../objects/objects.ts";

export interface ContainerExit {
  readonly afterMs: number;
  readonly exitCode: number;
}

const STOP_MS = 1_000;

/** containerd's exit code for a program that the image does not contain. */
const NO_SUCH_PROGRAM = { afterMs: 0, exitCode: 128 };

const textOf = ({ command = [], args = [] }: Container): string => [...command, ...args].join(" ");

/** When and with which code the container exits by itself; undefined if it runs until it is stopped. */
export const exitOf = (container: Container): ContainerExit | undefined => {
  if (container.command?.[0] === NOT_RUN) return NO_SUCH_PROGRAM;
  const text = textOf(container);
  const [, sleep] = /\bsleep\s+(\d+(?:\.\d+)?)\b/.exec(text) ?? [];
  const [, exit] = /\bexit\s+(\d+)/.exec(text) ?? [];
  const fails = /(?:^|[\s/])false$/.test(text);
  const isShort = exit !== undefined || fails || /(?:^|[\s/])true$|(?:^|\s)echo\s/.test(text);
  if (sleep === undefined && !isShort) return undefined;
  return { afterMs: Number(sleep ?? 0) * 1000, exitCode: fails ? 1 : Number(exit ?? 0) };
};

/** When the pod finishes: when its last container exits. Undefined if a container never exits or is restarted. */
export const exitOfPod = ({ containers, restartPolicy }: PodSpec): ContainerExit | undefined => {
  if (restartPolicy === "Always") return undefined;
  const ends = containers.flatMap((container) => exitOf(container) ?? []);
  if (ends.length < containers.length) return undefined;
  return {
    afterMs: Math.max(...ends.map(({ afterMs }) => afterMs)),
    exitCode: Math.max(...ends.map(({ exitCode }) => exitCode)),
  };
};

/** How long stopping a pod takes: its preStop hooks plus about a second, or the full grace period if it runs `trap '' TERM`. */
export const stopMs = ({ containers }: PodSpec, graceMs: number): number => {
  if (containers.some((container) => /\btrap\s+(?:''|"")\s+\S*TERM/.test(textOf(container)))) return graceMs;
  const hooks = containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
  return Math.min(graceMs, Math.max(0, ...hooks) * 1000 + STOP_MS);
};
