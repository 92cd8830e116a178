/** Every example is accepted unchanged and becomes Ready. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import { apply, example, MINUTE, pool, startStratos } from "./stratos.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

const objects = readdirSync(EXAMPLES, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".yaml"))
  .flatMap((file) => example(file))
  .filter(({ kind }) => kind !== "Deployment");
const pools = objects.flatMap(({ kind, metadata }) => (kind === "NodePool" ? metadata.name : []));

it("the examples are found", () => {
  expect(pools).toEqual(
    expect.arrayContaining(["al2", "al2023", "bottlerocket", "ci-runners", "llm-serving", "workers"]),
  );
  expect(pools).toHaveLength(7);
});

const isReady = (environment: Environment, name: string): boolean => {
  const { spec, status } = pool(environment, name) ?? {};
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status;
  return ready === "True" && status?.standby === spec?.minStandby;
};

it("all of them become Ready in one cluster as they are", async () => {
  const environment = await startStratos();
  await apply(environment, objects);
  for (const name of pools) {
    await environment.until(`${name} is Ready`, () => isReady(environment, name), { withinMs: 15 * MINUTE });
  }
});
