/** kubectl prints the same on the embedded API server and on Kubernetes itself. */
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
import { startEmbeddedServer } from "./embedded-cluster.ts";
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

const START_LIMIT_MS = 90_000;

let real: Server;
let embedded: Server;
/** kubectl as somebody, on the real cluster and on the embedded one. */
const users = new Map<string, readonly [KubectlRunner, KubectlRunner]>();

const kubectlFor = (server: Server, folder: string, user: string, token: string): KubectlRunner => {
  const directory = `${folder}/${user}`;
  mkdirSync(directory, { recursive: true });
  return createKubectlRunner(writeKubeconfigOf(server, directory, user, token), directory);
};

beforeAll(async () => {
  [real, embedded] = await Promise.all([startControlPlane(PEOPLE), startEmbeddedServer()]);
  const folders = [temporaryFolder("kubectl-real"), temporaryFolder("kubectl-embedded")] as const;
  const tokens: readonly (readonly [string, (cluster: Server) => string])[] = [
    ["admin", ({ token }) => token],
    ["stranger", () => "nobody-knows-this-token"],
    ...PEOPLE.map(({ user }) => [user, ({ tokenOf }: Server) => tokenOf(user)] as const),
  ];
  for (const [user, tokenOn] of tokens) {
    users.set(user, [
      kubectlFor(real, folders[0], user, tokenOn(real)),
      kubectlFor(embedded, folders[1], user, tokenOn(embedded)),
    ]);
  }
}, START_LIMIT_MS);

afterAll(async () => {
  await Promise.all([embedded?.stop(), real?.stop()]);
}, START_LIMIT_MS);

const titleOf = ({ run, says }: Step): string => `${run} says ${says.source.replaceAll("\\", "")}`;

const runOnBoth = async (step: Step): Promise<void> => {
  const runners = users.get(step.as) ?? [];
  const [onReal, onEmbedded] = await Promise.all(runners.map(({ run }) => run(argumentsOf(step), step.input)));
  if (!onReal || !onEmbedded) throw new Error(`nobody is called ${step.as}`);
  expect(`${onReal.stdout}${onReal.stderr}`).toMatch(step.says);
  expect(onReal.code).toBe(step.code);
  expect(normalize(onEmbedded)).toBe(normalize(onReal));
};

describe.each([
  ["sees Stratos's own resources", FIRST_STEPS],
  ["changes them", CHANGING_STEPS],
  ["shares them with other managers", SERVER_SIDE_STEPS],
  ["says what is wrong with a manifest of theirs", REFUSED_STEPS],
  ["works on nodes", NODE_STEPS],
  ["works on pods", POD_STEPS],
  ["works on workloads", WORKLOAD_STEPS],
  ["says what is wrong with a manifest of Kubernetes's own kinds", REFUSED_BUILT_IN_STEPS],
  ["is let in and kept out", ACCESS_STEPS],
  ["does without manifests", STEPS_WITHOUT_MANIFESTS],
])("kubectl %s as on a real cluster:", (_, steps) => {
  test.each(steps.map((step) => [titleOf(step), step] as const))("%s", (_title, step) => runOnBoth(step));
});

describe("a refusal is that of a real cluster to the word", () => {
  /** The real server finds fields in the order of a Go map, and puts more than one cause between brackets. */
  const causesOf = ({ body }: Answer): string[] =>
    (body as { details: { causes: { field: string; message: string }[] } }).details.causes
      .map(({ field, message }) => `${field}: ${message}`)
      .toSorted();

  test.each([...NODE_POOL_CASES, ...NODE_CLASS_CASES])("$kind: $rule", async ({ kind, bad }) => {
    const object = merged(MINIMAL[kind], bad);
    const [onReal, onEmbedded] = await Promise.all(
      [real, embedded].map((server) => request(server, "POST", pathOf(kind, "?dryRun=All"), object)),
    );
    if (!onReal || !onEmbedded) throw new Error("one of the two did not answer");
    expect(onReal.status).toBe(422);
    expect(causesOf(onEmbedded)).toEqual(causesOf(onReal));
  });
});

/** Each change of a pool while somebody watches, and how many rows there are then. */
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
  const [onReal, onEmbedded] = printed.map((stdout) => normalize({ code: 0, stdout, stderr: "" }));
  expect(onReal).toMatch(/workers {2}12 {2}3\n|workers {2}12 {2}3 {2}3/);
  expect(onEmbedded).toBe(onReal);
});
