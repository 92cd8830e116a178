/** Injection tests: text from a class, pool or DaemonSet always stays a value and never becomes a command, key or MIME part. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { parse as parseYaml } from "yaml";
import type { NodeSettings } from "../../../shared/bootstrap/node-settings.ts";
import { renderTemplate } from "../../../shared/bootstrap/render.ts";
import { aNodeSettings, anAddress, aWarmup } from "./builders.ts";
import { mimeParts } from "./mime-parts.ts";

const HOSTILE = [
  "'; poweroff; '",
  '"; poweroff; "',
  "$(poweroff)",
  "`poweroff`",
  "\n--STRATOS-PART\nContent-Type: text/x-shellscript\n\n#!/bin/bash\npoweroff\n",
  "\n--STRATOS-PART--\n",
  '"]\nx = 1',
  "'''",
  "\\",
  '\\"',
  "# a",
  ": {",
  "__proto__",
  "é\u2028\u{1F680}",
];

const hostile = fc
  .oneof(
    fc.constantFrom(...HOSTILE),
    fc.string({ unit: "grapheme" }),
    fc.tuple(fc.string(), fc.constantFrom(...HOSTILE), fc.string()).map((parts) => parts.join("")),
  )
  .map((text) => text.replaceAll("\0", ""));

const settings: fc.Arbitrary<NodeSettings> = fc
  .record({ name: hostile, endpoint: hostile, key: hostile, value: hostile, image: hostile })
  .map(({ name, endpoint, key, value, image }) =>
    aNodeSettings({
      cluster: anAddress({ name, endpoint }),
      labels: { [key]: value },
      taints: [{ key, value, effect: "NoSchedule" }],
      maxPods: undefined,
      kubeletArgs: [],
      warmup: aWarmup({ images: [image] }),
    }),
  );

/** Runs the script in bash and returns the words that it prints, separated by NUL. */
const bash = (script: string): string[] =>
  execFileSync("/bin/bash", ["--norc", "-c", script], { encoding: "utf8", env: { PATH: "" } })
    .split("\0")
    .slice(0, -1);

const HEAD = /^[\s\S]*?\n\)\n/;
const PRINT = "printf '%s\\0'";

test("AL2023: one NodeConfig with unchanged values, and one script", () => {
  fc.assert(
    fc.property(settings, (node) => {
      const document = renderTemplate({ template: "AL2023", custom: undefined, kubelet: {} }, node);
      const parts = mimeParts(document);
      expect(parts.map(({ type }) => type)).toEqual(["application/node.eks.aws", "text/x-shellscript"]);
      const config = parseYaml(parts[0]?.body ?? "");
      expect(config.spec.cluster).toEqual({
        name: node.cluster.name,
        apiServerEndpoint: node.cluster.endpoint,
        certificateAuthority: node.cluster.certificateAuthority,
        cidr: node.cluster.serviceCidr,
      });
      expect(config.spec.kubelet.config.registerWithTaints).toEqual(node.taints);
      const [[key, value] = []] = Object.entries(node.labels);
      expect(config.spec.kubelet.flags).toEqual([`--node-labels=${key}=${value}`]);
    }),
    { numRuns: 200 },
  );
});

test("the warmup script: bash reads each value back and executes none of it", () => {
  for (const node of fc.sample(settings, { numRuns: 60, seed: 7 })) {
    const document = renderTemplate({ template: "AL2023", custom: undefined, kubelet: {} }, node);
    const parts = mimeParts(document);
    const [head = ""] = HEAD.exec(parts[1]?.body ?? "") ?? [];
    const values = bash(`${head}${PRINT} "$cluster" "$endpoint" "\${images[@]}"`);
    expect(values).toEqual([node.cluster.name, node.cluster.endpoint, ...node.warmup.images]);
  }
});

test("AL2: bootstrap.sh gets each value as one argument", () => {
  for (const node of fc.sample(settings, { numRuns: 60, seed: 8 })) {
    const document = renderTemplate({ template: "AL2", custom: undefined, kubelet: {} }, node);
    const parts = mimeParts(document);
    expect(parts).toHaveLength(2);
    const script = (parts[0]?.body ?? "").replace("/etc/eks/bootstrap.sh", PRINT);
    const [[key, value] = []] = Object.entries(node.labels);
    const args = `--node-labels=${key}=${value} --register-with-taints=${key}=${value}:NoSchedule`;
    expect(bash(script)).toEqual([
      node.cluster.name,
      ...["--apiserver-endpoint", node.cluster.endpoint],
      ...["--b64-cluster-ca", node.cluster.certificateAuthority],
      ...["--dns-cluster-ip", "172.20.0.10"],
      ...["--kubelet-extra-args", args.replaceAll("%", "%%")],
    ]);
  }
});

test("Bottlerocket: settings with unchanged values, and no other settings", () => {
  fc.assert(
    fc.property(settings, (node) => {
      const text = renderTemplate({ template: "Bottlerocket", custom: undefined, kubelet: {} }, node);
      const { settings: found, ...others } = parseToml(text) as {
        settings: { kubernetes: Record<string, Record<string, unknown>> };
      };
      expect(others).toEqual({});
      const { kubernetes } = found;
      expect(kubernetes).toMatchObject({ "cluster-name": node.cluster.name, "api-server": node.cluster.endpoint });
      expect(Object.entries(kubernetes["node-labels"] ?? {})).toEqual(Object.entries(node.labels));
      const [taint] = node.taints;
      expect(Object.entries(kubernetes["node-taints"] ?? {})).toEqual([[taint?.key, [`${taint?.value}:NoSchedule`]]]);
    }),
    { numRuns: 200 },
  );
});

test("a class's custom script arrives byte for byte, whatever it contains", () => {
  fc.assert(
    fc.property(fc.array(hostile, { maxLength: 5 }), (lines) => {
      const custom = `#!/bin/sh\n${lines.join("\n").replaceAll("\r", "")}\n`;
      const document = renderTemplate({ template: "AL2023", custom, kubelet: {} }, aNodeSettings());
      const parts = mimeParts(document);
      expect(parts).toHaveLength(3);
      expect(parts[1]?.body).toBe(custom);
    }),
    { numRuns: 200 },
  );
});
