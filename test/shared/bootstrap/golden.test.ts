/** Golden files for review: `npx vitest run --project unit -u test/shared/bootstrap/golden.test.ts` updates them. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { renderTemplate } from "../../../shared/bootstrap/render.ts";
import { aNodeSettings, anAddress, aWarmup } from "./builders.ts";

const golden = (name: string) => join(import.meta.dirname, "golden", name);

const CUSTOM_SCRIPT = "#!/bin/bash\nyum install -y nfs-utils\n";
const CUSTOM_TOML = `[settings.kubernetes]
cluster-name = "another"
image-gc-high-threshold-percent = "90"

[settings.kubernetes.node-labels]
rack = "r1"

[settings.kubernetes.node-taints]
dedicated = ["ci:NoSchedule", "ci:NoExecute"]

[settings.host-containers.admin]
enabled = true
`;

test.each([
  ["al2023.mime", { template: "AL2023", custom: CUSTOM_SCRIPT }],
  ["al2.mime", { template: "AL2", custom: CUSTOM_SCRIPT }],
  ["bottlerocket.toml", { template: "Bottlerocket", custom: CUSTOM_TOML }],
] as const)("%s", async (name, source) => {
  await expect(renderTemplate({ ...source, kubelet: {} }, aNodeSettings())).toMatchFileSnapshot(golden(name));
});

test.each([
  ["al2023-plain.mime", "AL2023"],
  ["al2-ipv6.mime", "AL2"],
  ["bottlerocket-plain.toml", "Bottlerocket"],
] as const)("%s", async (name, template) => {
  const minimal = { labels: { "stratos.sh/pool": "workers" }, taints: [], maxPods: undefined, kubeletArgs: [] };
  const settings = aNodeSettings({
    ...minimal,
    cluster: anAddress({ serviceCidr: "fd30:1c53:5f8a::/108" }),
    warmup: aWarmup({ images: [], imagesRequired: false, powersOff: false }),
  });
  await expect(renderTemplate({ template, custom: undefined, kubelet: {} }, settings)).toMatchFileSnapshot(
    golden(name),
  );
});
