/** The AWS CLI on the simulated cloud and on moto, side by side. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cloud } from "../aws/cloud.ts";
import { startMotoCloud } from "../aws/moto-cloud.ts";
import { startSimulatedCloud } from "../aws/simulated-cloud.ts";
import { type Outcome, requireProgram, runAws } from "../run-program.ts";
import { COMMANDS, type Command, type Kept } from "./commands.ts";

const START_LIMIT_MS = 90_000;
/** Longer than any state transition of an instance and the creation of a table; moto needs no wait. */
const SETTLE_MS = 120_000;

interface Side {
  readonly cloud: Cloud;
  wait(): Promise<void>;
  kept: Kept;
}

let ours: Side;
let motos: Side;

beforeAll(async () => {
  requireProgram("aws");
  const [simulated, moto] = await Promise.all([startSimulatedCloud(), startMotoCloud()]);
  ours = { cloud: simulated, wait: () => simulated.pass(SETTLE_MS), kept: {} };
  motos = { cloud: moto, wait: async () => {}, kept: {} };
}, START_LIMIT_MS);
afterAll(async () => {
  await Promise.all([ours, motos].map((side) => side?.cloud.stop()));
});

const perform = async (side: Side, command: Command): Promise<Outcome> => {
  const outcome = await runAws(side.cloud.url, command.args(side.kept));
  if (outcome.code === 0 && command.keep) side.kept = { ...side.kept, ...command.keep(JSON.parse(outcome.stdout)) };
  if (command.takesTime) await side.wait();
  return outcome;
};

/** `An error occurred (Code) when calling the Operation operation: …` */
const errorOf = ({ stderr }: Outcome) => /An error occurred \(([^)]+)\) when calling the (\w+) operation/.exec(stderr);

const nameOf = ({ args }: Command): string => args({}).slice(0, 5).join(" ");

describe("the AWS CLI behaves and prints the same on both:", () => {
  test.each(COMMANDS.map((command) => [nameOf(command), command] as const))("aws %s", async (_, command) => {
    const [our, moto] = await Promise.all([perform(ours, command), perform(motos, command)]);
    if (command.fails) {
      expect(errorOf(our)?.[1]).toBe(command.fails);
      expect(errorOf(our)?.[0]).toBe(errorOf(moto)?.[0]);
      expect(our.code).toBeGreaterThan(0);
    } else {
      for (const { code, stderr } of [our, moto]) expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    }
    expect(our.code).toBe(moto.code);
    if (command.answers === undefined) return;
    for (const { stdout } of [our, moto]) expect(JSON.parse(stdout)).toMatchObject(command.answers as object);
  });

  test("and rejects another account's access key on the simulator, which moto does not", async () => {
    const outcome = await runAws(ours.cloud.url, ["sts", "get-caller-identity"], { AWS_ACCESS_KEY_ID: "other" });
    expect(errorOf(outcome)?.[1]).toBe("InvalidClientTokenId");
  });
});
