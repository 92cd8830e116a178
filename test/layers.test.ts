/** Imports only go down: who may import whom, type imports included. docs/decisions/0008-layers.md gives the reasons. */
import { sep } from "node:path";
import { describe, expect, test } from "vitest";
import { isIn, localImportsOf, modules, packagesOf, read } from "./source-files.ts";

/**
 * Each folder with the folders that it may import besides itself, from the bottom up: a folder imports only folders above it in this table.
 * A file belongs to the longest entry that it is in.
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "shared/model": [],

  "shared/capacity": ["shared/model"],
  "shared/scheduling": ["shared/model"],
  "shared/bootstrap": ["shared/scheduling", "shared/model"],
  "shared/nodeclass": ["shared/bootstrap", "shared/model"],
  "shared/demand": ["shared/scheduling", "shared/model"],
  "shared/pool": ["shared/capacity", "shared/model"],

  "shared/connections": [],
  "shared/aws": ["shared/connections", "shared/model"],
  "shared/kube": ["shared/connections", "shared/model"],
  "shared/state": ["shared/model"],
  "shared/telemetry": ["shared/model"],
  "shared/queue": ["shared/telemetry", "shared/model"],

  "shared/reconcilers": [
    "shared/nodeclass",
    "shared/bootstrap",
    "shared/demand",
    "shared/pool",
    "shared/capacity",
    "shared/scheduling",
    "shared/aws",
    "shared/kube",
    "shared/state",
    "shared/telemetry",
    "shared/queue",
    "shared/model",
  ],

  functions: [
    "shared/reconcilers",
    "shared/aws",
    "shared/kube",
    "shared/state",
    "shared/telemetry",
    "shared/queue",
    "shared/model",
  ],
  // The predicate for pending pods, so that the forwarder reports exactly the pods that the demand reconciler plans for.
  forwarder: ["shared/demand", "shared/model"],
  crds: [],
  // Programs for a person's own machine.
  cli: ["shared/model"],
  // Names that the template and the functions must agree on.
  infra: ["shared/telemetry", "shared/model"],

  local: [],
  "local/aws/gateway": ["local"],
  "local/aws/dynamodb": ["local/aws/gateway", "local"],
  "local/aws/sts": ["local/aws/gateway"],
  "local/aws/ssm": ["local/aws/gateway"],
  "local/aws/iam": ["local/aws/gateway"],
  "local/aws/sqs": ["local/aws/gateway", "local"],
  "local/aws/eventbridge": ["local/aws/iam", "local/aws/gateway", "local"],
  "local/aws/lambda": ["local/aws/iam", "local/aws/gateway", "local"],
  "local/aws/eks": ["local/aws/iam", "local/aws/gateway", "local"],
  "local/aws/ec2": ["local/aws/iam", "local/aws/ssm", "local/aws/gateway", "local"],
  "local/aws/cloudformation": [
    "local/aws/dynamodb",
    "local/aws/eks",
    "local/aws/eventbridge",
    "local/aws/gateway",
    "local/aws/iam",
    "local/aws/lambda",
    "local/aws/sqs",
    "local/aws/sts",
    "local",
  ],

  "local/kubernetes/loops": ["local"],
  "local/kubernetes/api-server": ["local"],
  "local/kubernetes/objects": ["local/kubernetes/api-server", "local"],
  "local/kubernetes/actors": ["local/kubernetes/objects", "local/kubernetes/api-server", "local"],
  "local/kubernetes/scheduler": ["local/kubernetes/objects", "local/kubernetes/api-server", "local"],
  "local/kubernetes/controllers": [
    "local/kubernetes/loops",
    "local/kubernetes/objects",
    "local/kubernetes/api-server",
    "local",
  ],
  "local/kubernetes/network": ["local/kubernetes/objects", "local/kubernetes/api-server", "local"],
  "local/kubernetes/kubelet": [
    "local/kubernetes/network",
    "local/kubernetes/objects",
    "local/kubernetes/api-server",
    "local/aws/ec2",
    "local",
    "shared/bootstrap",
    "shared/model",
  ],
  "local/kubernetes": [
    "local/kubernetes/api-server",
    "local/kubernetes/controllers",
    "local/kubernetes/kubelet",
    "local/kubernetes/network",
    "local/kubernetes/loops",
    "local/kubernetes/objects",
    "local/kubernetes/scheduler",
    "local/aws/ec2",
    "local",
  ],

  "local/environment": [
    "local/kubernetes",
    "local/kubernetes/api-server",
    "local/kubernetes/kubelet",
    "local/kubernetes/network",
    "local/aws/cloudformation",
    "local/aws/dynamodb",
    "local/aws/ec2",
    "local/aws/eks",
    "local/aws/eventbridge",
    "local/aws/gateway",
    "local/aws/iam",
    "local/aws/lambda",
    "local/aws/sqs",
    "local/aws/ssm",
    "local",
    "forwarder",
    "shared/kube",
  ],
  "local/demo": [
    "local/environment",
    "local/kubernetes/api-server",
    "local/kubernetes/network",
    "local/kubernetes/objects",
    "local/aws/ec2",
    "local",
    "infra",
    "shared/kube",
  ],

  bench: [
    "forwarder",
    "local/demo",
    "local/environment",
    "local/kubernetes/api-server",
    "local/aws/cloudformation",
    "local",
    "infra",
    "shared/reconcilers",
    "shared/demand",
    "shared/aws",
    "shared/kube",
    "shared/state",
    "shared/model",
  ],
};

const DEPLOYED = ["functions", "shared", "forwarder", "infra", "crds"];
const NOT_DEPLOYED = ["local", "test", "bench", "cli"];
const PROGRAM = [...DEPLOYED, "local", "bench", "cli"];

const layers = Object.keys(LAYERS);
const byDepth = layers.toSorted((a, b) => b.length - a.length);
const layerOf = (path: string): string | undefined => byDepth.find((layer) => isIn(path, [layer]));

const program = modules.filter((path) => isIn(path, PROGRAM));
const graph = new Map(modules.map((path) => [path, localImportsOf(path)]));
const importsIn = (path: string): readonly string[] => graph.get(path) ?? [];

describe("the layers", () => {
  test("have a place for every module", () => {
    expect(program.filter((path) => layerOf(path) === undefined)).toEqual([]);
  });

  test("each contain at least one module", () => {
    const used = new Set(program.map(layerOf));
    expect(layers.filter((layer) => !used.has(layer))).toEqual([]);
  });

  test("import only layers above them in the table", () => {
    const upwards = layers.flatMap((layer, index) =>
      (LAYERS[layer] ?? [])
        .filter((other) => !layers.slice(0, index).includes(other))
        .map((other) => `${layer} -> ${other}`),
    );
    expect(upwards).toEqual([]);
  });

  test("import only what the table allows", () => {
    const forbidden = program.flatMap((path) => {
      const layer = layerOf(path) ?? "";
      const allowed = [layer, ...(LAYERS[layer] ?? [])];
      return importsIn(path)
        .filter((imported) => !allowed.includes(layerOf(imported) ?? ""))
        .map((imported) => `${path} -> ${imported}`);
    });
    expect(forbidden).toEqual([]);
  });
});

test("deployed code imports neither the simulators nor the tests", () => {
  const wrong = program
    .filter((path) => isIn(path, DEPLOYED))
    .flatMap((path) =>
      importsIn(path)
        .filter((imported) => isIn(imported, NOT_DEPLOYED))
        .map((imported) => `${path} -> ${imported}`),
    );
  expect(wrong).toEqual([]);
});

/** Tarjan's algorithm: the groups of modules that import one another, directly or indirectly. */
const cyclesOf = (edges: ReadonlyMap<string, readonly string[]>): string[][] => {
  const indexes = new Map<string, number>();
  const lows = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[][] = [];
  const lowOf = (path: string): number => lows.get(path) ?? Number.POSITIVE_INFINITY;
  const visit = (path: string): void => {
    const index = indexes.size;
    indexes.set(path, index);
    lows.set(path, index);
    stack.push(path);
    const next = edges.get(path) ?? [];
    for (const imported of next) {
      if (!indexes.has(imported)) visit(imported);
      if (stack.includes(imported)) lows.set(path, Math.min(lowOf(path), lowOf(imported)));
    }
    if (lowOf(path) !== index) return;
    const group = stack.splice(stack.indexOf(path));
    if (group.length > 1 || next.includes(path)) cycles.push(group);
  };
  for (const path of edges.keys()) if (!indexes.has(path)) visit(path);
  return cycles;
};

describe("import cycles", () => {
  test("are found when they exist", () => {
    const edges = { a: ["b"], b: ["c", "d"], c: ["a"], d: ["d"], e: ["a", "d"] };
    expect(cyclesOf(new Map(Object.entries(edges)))).toEqual([["d"], ["a", "b", "c"]]);
  });

  test("do not exist, type imports and tests included", () => {
    expect(graph.size).toBeGreaterThan(500);
    const within = (group: readonly string[]): string[] =>
      group.flatMap((path) =>
        importsIn(path)
          .filter((imported) => group.includes(imported))
          .map((imported) => `${path} -> ${imported}`),
      );
    expect(cyclesOf(graph).map(within)).toEqual([]);
  });
});

describe("the model and the planners", () => {
  const PURE = ["model", "capacity", "scheduling", "bootstrap", "nodeclass", "demand", "pool"].map(
    (name) => `shared${sep}${name}`,
  );
  /** Deterministic computations that the language does not have. */
  const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
    "shared/bootstrap/bottlerocket.ts": ["smol-toml"],
    "shared/bootstrap/render.ts": ["node:zlib"],
    "shared/demand/in-vain.ts": ["node:crypto"],
    "shared/nodeclass/launch-fingerprint.ts": ["node:crypto"],
  };
  const IMPURE =
    /\bDate\.now\(|\bnew Date\(\s*\)|\bMath\.random\(|\bprocess\.|\bperformance\.|\bcrypto\.|\bset(?:Timeout|Interval|Immediate)\(|\bfetch\(/g;
  const core = modules.filter((path) => isIn(path, PURE));

  test("are found", () => {
    expect(core).toContain("shared/pool/plan.ts");
    expect(core).toContain("shared/model/names.ts");
  });

  test("import no adapter", () => {
    const adapters = layers.filter((layer) => !PURE.includes(layer));
    expect(PURE.filter((layer) => LAYERS[layer]?.some((other) => adapters.includes(other)))).toEqual([]);
  });

  test("import no SDK, no package and no module of Node.js, with four exceptions", () => {
    const found = core.map((path) => [path, packagesOf(path)] as const).filter(([, packages]) => packages.length > 0);
    expect(Object.fromEntries(found)).toEqual(PURE_PACKAGES);
  });

  test("read no clock, no environment variable and no random number", () => {
    const impure = core.flatMap((path) => (read(path).match(IMPURE) ?? []).map((call) => `${path}: ${call}`));
    expect(impure).toEqual([]);
  });
});
