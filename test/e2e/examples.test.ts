/** Every example is accepted unchanged and becomes Ready, on each kind of network. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import type { Environment, EnvironmentOptions } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
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

const untilReady = async (options: Partial<EnvironmentOptions>, manifests: readonly KubeObject[]): Promise<void> => {
  const environment = await startStratos(options);
  await apply(environment, manifests);
  for (const name of pools) {
    await environment.until(`${name} is Ready`, () => isReady(environment, name), { withinMs: 15 * MINUTE });
  }
};

it("all of them become Ready in one cluster as they are", () => untilReady({}, objects));

/** The examples with pools that ask for one standby instance each: a second would only repeat the first. */
const smallest = objects.map((object) =>
  object.kind === "NodePool" ? { ...object, spec: { ...(object.spec as object), minStandby: 1 } } : object,
);

it.each<[string, Partial<EnvironmentOptions>]>([
  ["the VPC CNI and the node monitoring agent", { network: "vpc-cni+agent" }],
  ["Cilium", { network: "cilium" }],
  ["Calico", { network: "calico" }],
  [
    "a plugin that reports nothing, IPv6 addresses and hosts with resource names",
    { network: "none", account: { hostnames: "resource-name", ipv6: "onRequest" } },
  ],
])("all of them become Ready in one cluster with %s", (_, options) => untilReady(options, smallest));
