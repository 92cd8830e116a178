import { expect, test } from "vitest";
import { strategicPatch } from "../../../../local/kubernetes/api-server/patch/strategic.ts";

const pod = (containers: object[], more: object = {}) => ({ spec: { containers, ...more } });

test.each([
  [
    "merges list items by their key",
    pod([{ name: "a", image: "x", env: [{ name: "E", value: "1" }] }, { name: "b" }]),
    pod([{ name: "a", env: [{ name: "F", value: "2" }] }]),
    pod([
      {
        name: "a",
        image: "x",
        env: [
          { name: "F", value: "2" },
          { name: "E", value: "1" },
        ],
      },
      { name: "b" },
    ]),
  ],
  [
    "deletes an item",
    pod([{ name: "a" }, { name: "b" }]),
    pod([{ name: "a", $patch: "delete" } as object]),
    pod([{ name: "b" }]),
  ],
  [
    "puts new items first, and keeps other items at their positions between the patched ones",
    pod([{ name: "a" }, { name: "b" }, { name: "c" }]),
    pod([{ name: "d" }, { name: "b", image: "x" }]),
    pod([{ name: "d" }, { name: "a" }, { name: "b", image: "x" }, { name: "c" }]),
  ],
  [
    "orders items by $setElementOrder",
    pod([{ name: "a" }, { name: "b" }]),
    {
      spec: {
        "$setElementOrder/containers": [{ name: "c" }, { name: "b" }, { name: "a" }],
        containers: [{ name: "c" }],
      },
    },
    pod([{ name: "c" }, { name: "b" }, { name: "a" }]),
  ],
  [
    "replaces taints as a whole",
    { spec: { taints: [{ key: "a" }] } },
    { spec: { taints: [{ key: "b" }] } },
    { spec: { taints: [{ key: "b" }] } },
  ],
  [
    "removes fields that are null",
    { metadata: { labels: { a: "1", b: "2" } } },
    { metadata: { labels: { a: null } } },
    { metadata: { labels: { b: "2" } } },
  ],
  [
    "replaces a map with $patch: replace",
    { metadata: { labels: { a: "1" } } },
    { metadata: { labels: { $patch: "replace", b: "2" } } },
    { metadata: { labels: { b: "2" } } },
  ],
  [
    "adds to and deletes from a list of values",
    { metadata: { finalizers: ["a/b", "c/d"] } },
    { metadata: { "$deleteFromPrimitiveList/finalizers": ["a/b"], finalizers: ["e/f"] } },
    { metadata: { finalizers: ["e/f", "c/d"] } },
  ],
  [
    "keeps only the keys in $retainKeys",
    pod([], { volumes: [{ name: "v", emptyDir: {} }] }),
    { spec: { volumes: [{ name: "v", $retainKeys: ["name", "hostPath"], hostPath: { path: "/x" } }] } },
    pod([], { volumes: [{ name: "v", hostPath: { path: "/x" } }] }),
  ],
])("a strategic merge patch %s", (_behavior, target, patch, expected) => {
  expect(strategicPatch(target, patch)).toEqual(expected);
});
