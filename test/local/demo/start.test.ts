import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type Output, runStep } from "../../../local/demo/run-step.ts";

const MAIN = fileURLToPath(new URL("../../../local/demo/main.ts", import.meta.url));

const start = (...args: string[]) => spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });

const recorder = (isTTY: boolean) => {
  const written: string[] = [];
  const out = { isTTY, write: (text: string) => written.push(text) > 0 } as Output;
  return { out, text: () => written.join("") };
};

it("says at once how to stop and which KUBECONFIG to use, and ends at Ctrl-C while it synthesizes", async () => {
  const demo = start();
  const [first] = await once(demo.stdout, "data");
  demo.kill("SIGINT");
  expect(String(first)).toMatch(/press Ctrl-C to stop\.\nexport KUBECONFIG=\/.*\/build\/kubeconfig\n/);
  expect(await once(demo, "exit")).toEqual([null, "SIGINT"]);
});

it.each([
  ["--port", "0", "1 to 65535"],
  ["--speed", "x", "1 to 1000"],
])("refuses %s %s and says what is allowed", async (option, value, allowed) => {
  const demo = start(option, value);
  const [[message]] = await Promise.all([once(demo.stderr, "data"), once(demo, "exit")]);
  expect(String(message)).toBe(`${option}: found "${value}", allowed: a number from ${allowed}\n`);
});

it("prints a step's name before it starts and its duration when it ends, even in failure", async () => {
  const { out, text } = recorder(false);
  const before: string[] = [];
  const fail = async () => {
    before.push(text());
    throw new Error("broken");
  };
  await expect(runStep("Loading", fail, out)).rejects.toThrow("broken");
  expect(before).toEqual(["Loading…"]);
  expect(text()).toMatch(/^Loading… \d+ s\n$/);
});

it("rewrites a step's line on a terminal", async () => {
  const { out, text } = recorder(true);
  await runStep("Loading", async () => {}, out);
  expect(text()).toMatch(/^Loading…\rLoading… \d+ s\n$/);
});
