/** Deliberate bugs: each is a mistake that the checks must catch. */
import type { Bug } from "./bugs/bug.ts";
import { CLASS_BUGS } from "./bugs/class-bugs.ts";
import { EC2_BUGS } from "./bugs/ec2-bugs.ts";
import { KUBE_BUGS } from "./bugs/kube-bugs.ts";
import { TABLE_BUGS } from "./bugs/table-bugs.ts";

export const BUGS = { ...EC2_BUGS, ...KUBE_BUGS, ...TABLE_BUGS, ...CLASS_BUGS } as const satisfies Readonly<
  Record<string, Bug>
>;

export type { Bug } from "./bugs/bug.ts";
export type BugName = keyof typeof BUGS;
