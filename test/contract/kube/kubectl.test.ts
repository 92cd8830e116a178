/** kubectl prints the same on the simulated API server and on a real one. */
import { mkdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeKubeconfigOf } from "../../real/components.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Answer, request } from "../api-server.ts";
import { NODE_CLASS_CASES } from "../awsnodeclass-cases.ts";
import { startControlPlane } from "../control-plane.ts";
import { MINIMAL, merged } from "../crd-cases.ts";
import { createKubectlRunner, type KubectlRunner } from "../kubectl.ts";
import { NODE_POOL_CASES } from "../nodepool-cases.ts";
import { eventually, PEOPLE, type Server } from "./cluster.ts";
import { pathOf } from "./definitions.ts";
import {
  ACCESS_STEPS,
  NODE_STEPS,
  POD_STEPS,
  REFUSED_BUILT_IN_STEPS,
  WORKLOAD_STEPS,
} from "./kubectl/built-in-kinds.ts";
import { normalize } from "./kubectl/normalize.ts";
import { CHANGING_STEPS, FIRST_STEPS, REFUSED_STEPS, SERVER_SIDE_STEPS } from "./kubectl/own-resources.ts";
import { argumentsOf, type Step } from "./kubectl/step.ts";
import { STEPS_WITHOUT_MANIFESTS } from "./kubectl/without-manifests.ts";
import { startSimulatedServer } from "./simulated-cluster.ts";

const START_LIMIT_MS = 90_000;

let real: Server;
let simulated: Server;
/** kubectl by user, on the real server and on the simulated one. */
const users = new Map<string, readonly [KubectlRunner, KubectlRunner]>();

const kubectlFor = (server: Server, folder: string, user: string, token: string): KubectlRunner => {
  const directory = `${folder}/${user}`;
  mkdirSync(directory, { recursive: true });
  return createKubectlRunner(writeKubeconfigOf(server, directory, user, token), directory);
};

beforeAll(async () => {
  [real, simulated] = await Promise.all([startControlPlane(PEOPLE), startSimulatedServer()]);
  const folders = [temporaryFolder("kubectl-real"), temporaryFolder("kubectl-simulated")] as const;
  const tokens: readonly (readonly [string, (cluster: Server) => string])[] = [
    ["admin", ({ token }) => token],
    ["stranger", () => "an-unknown-token"],
    ...PEOPLE.map(({ user }) => [user, ({ tokenOf }: Server) => tokenOf(user)] as const),
  ];
  for (const [user, tokenOn] of tokens) {
    users.set(user, [
      kubectlFor(real, folders[0], user, tokenOn(real)),
      kubectlFor(simulated, folders[1], user, tokenOn(simulated)),
    ]);
  }
}, START_LIMIT_MS);

afterAll(async () => {
  await Promise.all([simulated?.stop(), real?.stop()]);
}, START_LIMIT_MS);

const titleOf = ({ run, says }: Step): string => `${run} says ${says.source.replaceAll("\\", "")}`;

const runOnBoth = async (step: Step): Promise<void> => {
  const runners = users.get(step.as) ?? [];
  const [onReal, onSimulated] = await Promise.all(runners.map(({ run }) => run(argumentsOf(step), step.input)));
  if (!onReal || !onSimulated) throw new Error(`no user is called ${step.as}`);
  expect(`${onReal.stdout}${onReal.stderr}`).toMatch(step.says);
  expect(onReal.code).toBe(step.code);
  expect(normalize(onSimulated)).toBe(normalize(onReal));
};

describe.each([
  ["sees Stratos's own resources", FIRST_STEPS],
  ["changes them", CHANGING_STEPS],
  ["shares them with other managers", SERVER_SIDE_STEPS],
  ["reports errors in their manifests", REFUSED_STEPS],
  ["works on nodes", NODE_STEPS],
  ["works on pods", POD_STEPS],
  ["works on workloads", WORKLOAD_STEPS],
  ["reports errors in manifests of built-in kinds", REFUSED_BUILT_IN_STEPS],
  ["is granted and denied access", ACCESS_STEPS],
  ["works without manifests", STEPS_WITHOUT_MANIFESTS],
])("kubectl %s as on a real cluster:", (_, steps) => {
  test.each(steps.map((step) => [titleOf(step), step] as const))("%s", (_title, step) => runOnBoth(step));
});

describe("an error has the exact words of a real cluster", () => {
  /** The real server visits fields in the order of a Go map, and puts several causes in brackets. */
  const causesOf = ({ body }: Answer): string[] =>
    (body as { details: { causes: { field: string; message: string }[] } }).details.causes
      .map(({ field, message }) => `${field}: ${message}`)
      .toSorted();

  test.each([...NODE_POOL_CASES, ...NODE_CLASS_CASES])("$kind: $rule", async ({ kind, bad }) => {
    const object = merged(MINIMAL[kind], bad);
    const [onReal, onSimulated] = await Promise.all(
      [real, simulated].map((server) => request(server, "POST", pathOf(kind, "?dryRun=All"), object)),
    );
    if (!onReal || !onSimulated) throw new Error("one of the two servers did not answer");
    expect(onReal.status).toBe(422);
    expect(causesOf(onSimulated)).toEqual(causesOf(onReal));
  });
});

/** Changes to a pool during a watch, and the number of printed rows after each. */
const WATCHED: readonly (readonly [rows: number, run: string])[] = [
  [2, `patch np workers --type=merge -p {"spec":{"poolSize":12}}`],
  [3, `patch np workers --subresource=status --type=merge -p {"status":{"warmup":3}}`],
  [4, "label np workers team=build"],
  [5, "delete np workers"],
];

test("kubectl get --watch prints a row for each change as on a real cluster", async () => {
  const runners = users.get("admin") ?? [];
  const printed = await Promise.all(
    runners.map(async ({ run, start }) => {
      const watch = start(["get", "np", "workers", "--watch"]);
      const rows = () => watch.printed().split("\n").length - 2;
      const untilRows = (count: number) => eventually(`${count} rows`, async () => rows() >= count || undefined);
      try {
        await untilRows(1);
        for (const [count, command] of WATCHED) {
          await run(command.split(" "));
          await untilRows(count);
        }
        return watch.printed();
      } finally {
        watch.stop();
      }
    }),
  );
  const [onReal, onSimulated] = printed.map((stdout) => normalize({ code: 0, stdout, stderr: "" }));
  expect(onReal).toMatch(/workers {2}12 /);
  expect(onSimulated).toBe(onReal);
});
