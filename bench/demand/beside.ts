/** `npm run bench -- --beside <commit>`: the demand planner of the working copy and that of another commit, with the same input in one run. */
import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Case, COMPARED, inputOf } from "./cases.ts";
import { type Planner, startPlanner } from "./planner.ts";
import type { Round } from "./planner-process.ts";

const MIN_ROUNDS = 7;
const MAX_ROUNDS = 40;
/** Processor time: short plans get more rounds, because the compiler needs some time as well. */
const ENOUGH_MS = 4000;

const MEASURED =
  "planDemand of the working copy (own) and of another commit (other), each in a process of its own, with the same input: after two plans to warm up, " +
  `${MIN_ROUNDS} to ${MAX_ROUNDS} rounds, in each of which one plans after the other. Processor time in ms: the least of the rounds, so that it hardly matters what else ` +
  "the machine does. ratio: other by own. allocatedMiB: by one plan after the rounds, garbage included. nodes: to start and to launch. The inputs are those of the part " +
  "`demand`.";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);
const git = (...args: readonly string[]) => run("git", ["-C", ROOT, ...args]);

/** Calls `use` with the root of a checkout of the commit, which is removed afterwards. */
const withCheckout = async <T>(commit: string, use: (root: string) => Promise<T>): Promise<T> => {
  const folder = await mkdtemp(join(tmpdir(), "stratos-beside-"));
  const root = join(folder, "checkout");
  try {
    await git("worktree", "add", "--detach", root, commit);
    await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
    return await use(root);
  } finally {
    await git("worktree", "remove", "--force", root).catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }
};

const leastMs = (rounds: readonly Round[]): number =>
  Math.round(Math.min(...rounds.map(({ cpuMs }) => cpuMs)) * 10) / 10;

const compare = async (one: Case, own: Planner, other: Planner) => {
  const input = inputOf(one);
  const outcomes = [await own.prepare(input), await other.prepare(input)];
  const rounds: { readonly own: Round; readonly other: Round }[] = [];
  let totalMs = 0;
  while (rounds.length < MIN_ROUNDS || (rounds.length < MAX_ROUNDS && totalMs < ENOUGH_MS)) {
    const round = { own: await own.round(), other: await other.round() };
    totalMs += round.own.cpuMs + round.other.cpuMs;
    rounds.push(round);
  }
  const ownMs = leastMs(rounds.map((round) => round.own));
  const otherMs = leastMs(rounds.map((round) => round.other));
  return {
    ...one,
    ratio: Math.round((otherMs / ownMs) * 100) / 100,
    own: { ms: ownMs, ...outcomes[0], ...(await own.allocation()) },
    other: { ms: otherMs, ...outcomes[1], ...(await other.allocation()) },
  };
};

/** One after another, so that the processes do not compete. */
export const benchBeside = (commit: string, progress: (line: string) => void) =>
  withCheckout(commit, async (root) => {
    const cases = [];
    for (const one of COMPARED) {
      progress(`beside ${commit}: ${one.kind}, ${one.pods} pods, ${one.nodes} nodes, ${one.pools} pools`);
      const [own, other] = [startPlanner(ROOT), startPlanner(root)];
      try {
        cases.push(await compare(one, own, other));
      } finally {
        own.stop();
        other.stop();
      }
    }
    return { measured: MEASURED, commit, cases };
  });
