/** Extracts from a shell script, line by line, the steps that matter for booting a node. Ignores lines that it does not recognize. */
import type { Script, ScriptStep } from "./boot-plan.ts";
import { flagIn, parseLabels, parseTaints } from "./kubelet-flags.ts";

const BOOTSTRAP = /(?:^|\s)\/etc\/eks\/bootstrap\.sh\s+(?:"([^"]+)"|'([^']+)'|([^\s"'-]\S*))/;
const KUBELET_HEALTH = /(?:localhost|127\.0\.0\.1):10248\/healthz|systemctl is-active (?:--quiet )?kubelet/;
const LOOP = /^(?:until|while)\b/;
const SLEEP = /(?:^|[;&|]\s*|\bdo\s+)sleep\s+(\d+(?:\.\d+)?)([smh]?)/;
const POWER_OFF =
  /^(?:sudo\s+)?(?:\/\S*\/)?(?:poweroff|halt -p|systemctl\s+(?:-\S+\s+)*poweroff|init 0|shutdown\s+(?:-[hP]\s+)*(now|\+\d+))(?:\s|;|$)/;
const PULL = /(?:crictl|ctr\b.*\bimages?|nerdctl\b.*)\s+pull\s+(?:-\S+\s+)*["']?([^\s"';]+)/;
const BACKGROUND_END = /^[)}]\s*(?:>\S*\s*(?:2>&1\s*)?)?&$/;

const UNIT_MS: Readonly<Record<string, number>> = { "": 1000, s: 1000, m: 60_000, h: 3_600_000 };
const DEFAULT_POLL_MS = 1_000;

const sleepMs = (line: string): number | undefined => {
  const [found, amount, unit = ""] = SLEEP.exec(line) ?? [];
  return found === undefined ? undefined : Number(amount) * (UNIT_MS[unit] ?? 1000);
};

/** The script's commands: continued lines are joined, comments dropped, and each loop is one command. */
const commandsOf = (text: string): string[] => {
  const lines = text
    .replace(/\\\r?\n/g, " ")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const commands: string[] = [];
  let loop: string[] | undefined;
  for (const line of lines) {
    if (LOOP.test(line) || loop) loop = [...(loop ?? []), line];
    if (!loop) commands.push(line);
    else if (/(?:^|[;\s])done\b/.test(line)) {
      commands.push(loop.join("; "));
      loop = undefined;
    }
  }
  return commands;
};

const bootstrap = (line: string): ScriptStep | undefined => {
  const [found, double, single, plain] = BOOTSTRAP.exec(line) ?? [];
  if (found === undefined) return undefined;
  const clusterName = double ?? single ?? plain ?? "";
  const maxPods = Number(flagIn(line, "max-pods")) || undefined;
  const labels = parseLabels(flagIn(line, "node-labels"));
  const taints = parseTaints(flagIn(line, "register-with-taints"));
  return { kind: "bootstrap", settings: { clusterName, labels, taints, maxPods } };
};

const stepOf = (line: string): readonly ScriptStep[] => {
  const bootstrapStep = bootstrap(line);
  if (bootstrapStep) return [bootstrapStep];
  if (LOOP.test(line)) {
    return KUBELET_HEALTH.test(line) ? [{ kind: "awaitKubelet", pollMs: sleepMs(line) ?? DEFAULT_POLL_MS }] : [];
  }
  const [, image] = PULL.exec(line) ?? [];
  if (image) return [{ kind: "pull", image }];
  const [powersOff, when] = POWER_OFF.exec(line) ?? [];
  if (powersOff !== undefined) {
    const minutes = when?.startsWith("+") ? Number(when) : 0;
    return [{ kind: "sleep", ms: minutes * 60_000 }, { kind: "powerOff" }];
  }
  const ms = sleepMs(line);
  return ms === undefined ? [] : [{ kind: "sleep", ms }];
};

/** Reads a script. It counts as running in the background if it is wrapped in `( … ) &` or handed to systemd-run or nohup. */
export const readScript = (text: string): Script => {
  const commands = commandsOf(text);
  const last = commands.at(-1) ?? "";
  const inBackground = BACKGROUND_END.test(last) || commands.some((line) => /^(?:systemd-run|nohup)\b/.test(line));
  return { steps: commands.flatMap(stepOf), inBackground };
};
