/** What containers do, as far as their commands tell: they end after `sleep N`, at once after `true`, or not at all. */
import { NOT_RUN } from "../../../shared/bootstrap/pre-pull-pod.ts";
import type { Container, PodSpec } from "../objects.ts";

export interface End {
  readonly afterMs: number;
  readonly exitCode: number;
}

const STOP_MS = 1_000;

/** What containerd reports for a program that the image does not have. */
const NO_SUCH_PROGRAM = { afterMs: 0, exitCode: 128 };

const textOf = ({ command = [], args = [] }: Container): string => [...command, ...args].join(" ");

/** When and how the container ends by itself; undefined for one that serves until it is stopped. */
export const endOf = (container: Container): End | undefined => {
  if (container.command?.[0] === NOT_RUN) return NO_SUCH_PROGRAM;
  const text = textOf(container);
  const [, sleep] = /\bsleep\s+(\d+(?:\.\d+)?)\b/.exec(text) ?? [];
  const [, exit] = /\bexit\s+(\d+)/.exec(text) ?? [];
  const fails = /(?:^|[\s/])false$/.test(text);
  const isShort = exit !== undefined || fails || /(?:^|[\s/])true$|(?:^|\s)echo\s/.test(text);
  if (sleep === undefined && !isShort) return undefined;
  return { afterMs: Number(sleep ?? 0) * 1000, exitCode: fails ? 1 : Number(exit ?? 0) };
};

/** When the pod as a whole ends: when the last of its containers has, if they all do and none is started again. */
export const endOfPod = ({ containers, restartPolicy }: PodSpec): End | undefined => {
  if (restartPolicy === "Always") return undefined;
  const ends = containers.flatMap((container) => endOf(container) ?? []);
  if (ends.length < containers.length) return undefined;
  return {
    afterMs: Math.max(...ends.map(({ afterMs }) => afterMs)),
    exitCode: Math.max(...ends.map(({ exitCode }) => exitCode)),
  };
};

/** How long a pod takes to go: its hooks and about a second, or the whole grace period if it says `trap '' TERM`. */
export const stopMs = ({ containers }: PodSpec, graceMs: number): number => {
  if (containers.some((container) => /\btrap\s+(?:''|"")\s+\S*TERM/.test(textOf(container)))) return graceMs;
  const hooks = containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
  return Math.min(graceMs, Math.max(0, ...hooks) * 1000 + STOP_MS);
};
