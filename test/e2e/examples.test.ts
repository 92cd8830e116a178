/** Every example is accepted as it is, resolves, and comes to the standby that it asks for. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { apply, example, MINUTE, pool, startStratos } from "./stratos.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

const folders = readdirSync(EXAMPLES).filter((folder) => readdirSync(`${EXAMPLES}/${folder}`).includes("nodes.yaml"));

it("there are examples", () => {
  expect(folders).toEqual(expect.arrayContaining(["al2023", "bottlerocket", "ci-runners", "llm-serving"]));
});

it.each(folders)("%s warms up", async (folder) => {
  const embedded = await startStratos();
  await apply(embedded, example(`${folder}/nodes.yaml`));
  const wanted = pool(embedded, folder)?.spec.minStandby;
  expect(wanted).toBeGreaterThan(0);
  await embedded.until("its standby is there", () => pool(embedded, folder)?.status?.standby === wanted, {
    withinMs: 60 * MINUTE,
  });
});
