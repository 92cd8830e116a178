import fc from "fast-check";
import { parse, stringify, type TomlTable } from "smol-toml";
import { describe, expect, test } from "vitest";
import { bottlerocketUserData } from "../../../shared/bootstrap/bottlerocket.ts";
import { aNodeSettings, aWarmup } from "./builders.ts";

const settings = aNodeSettings({ warmup: aWarmup({ images: [] }) });
const rendered = (custom: TomlTable): TomlTable => parse(bottlerocketUserData(settings, stringify(custom)));
/** Paths and values of everything except tables. */
const leaves = (value: unknown, path: readonly string[] = []): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, part]) => leaves(part, [...path, key]))
    : [[JSON.stringify(path), value]];

/** The DNS address does not identify the node, so a class may change it. */
const stratosSettings = leaves(parse(bottlerocketUserData(settings, undefined))).filter(
  ([path]) => !path.includes("cluster-dns-ip"),
);

const key = fc.constantFrom("settings", "kubernetes", "cluster-name", "node-labels", "node-taints", "team", "a.b", "é");
const { tree } = fc.letrec<{ tree: TomlTable }>((tie) => ({
  tree: fc.dictionary(
    key,
    fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.array(fc.string(), { maxLength: 2 }),
      tie("tree"),
    ),
  ) as fc.Arbitrary<TomlTable>,
}));

describe("custom settings of a class", () => {
  test("never change Stratos's settings", () => {
    fc.assert(
      fc.property(tree, (custom) => {
        const merged = new Map(leaves(rendered({ settings: { kubernetes: custom } })));
        for (const [path, value] of stratosSettings) {
          if (Array.isArray(value)) expect(merged.get(path)).toEqual(expect.arrayContaining(value));
          else expect(merged.get(path)).toEqual(value);
        }
      }),
    );
  });

  test("are kept where Stratos sets nothing", () => {
    fc.assert(
      fc.property(tree, (custom) => {
        const merged = new Map(leaves(rendered({ settings: { other: custom } })));
        for (const [path, value] of leaves({ settings: { other: custom } })) expect(merged.get(path)).toEqual(value);
      }),
    );
  });

  test("may set the cluster's DNS address", () => {
    const kubernetes = { "cluster-dns-ip": "169.254.20.10" };
    expect(rendered({ settings: { kubernetes } })).toMatchObject({ settings: { kubernetes } });
  });

  test("may add taints to an existing key", () => {
    const taints = { dedicated: ["ci:NoSchedule", "ci:NoExecute"] };
    expect(rendered({ settings: { kubernetes: { "node-taints": taints } } })).toMatchObject({
      settings: { kubernetes: { "node-taints": { dedicated: ["ci:NoSchedule", "ci:NoExecute"] } } },
    });
  });
});
