/** Every example is accepted unchanged, resolves, and reaches the standby it requests. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { apply, example, MINUTE, pool, startStratos } from "./stratos.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

const folders = readdirSync(EXAMPLES).filter((folder) => readdirSync(`${EXAMPLES}/${folder}`).includes("nodes.yaml"));

it("the examples are found", () => {
  expect(folders).toEqual(expect.arrayContaining(["al2023", "bottlerocket", "ci-runners", "llm-serving"]));
});

it("all of them warm up in one cluster", async () => {
  const environment = await startStratos();
  for (const folder of folders) await apply(environment, example(`${folder}/nodes.yaml`));
  for (const folder of folders) {
    const minStandby = pool(environment, folder)?.spec.minStandby;
    expect(minStandby).toBeGreaterThan(0);
    await environment.until(
      `the standby of ${folder} is complete`,
      () => pool(environment, folder)?.status?.standby === minStandby,
      {
        withinMs: 60 * MINUTE,
      },
    );
  }
});
