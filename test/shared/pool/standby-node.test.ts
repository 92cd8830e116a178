import { describe, expect, it } from "vitest";
import { ANNOTATION, LABEL, TAINT } from "../../../shared/model/names.ts";
import { plan } from "../../../shared/pool/plan.ts";
import { anInstance, aSpec, aView } from "./builders.ts";
import { check } from "./decisions.ts";

const startup = { key: "example.com/init", value: "true", effect: "NoSchedule" } as const;
const template = { ...aSpec().template, startupTaints: [startup] };
const spec = aSpec({ template });
const all = [startup, TAINT.notReady, TAINT.standby];
const annotations = { [ANNOTATION.ownTaints]: all.map(({ key, effect }) => `${key}:${effect}`).join(",") };
const labels = { [LABEL.state]: "standby", [LABEL.pool]: "workers" };

const standby = (node: NonNullable<Parameters<typeof anInstance>[1]>["node"]) =>
  aView([anInstance("standby", { node: { labels, annotations, taints: all, ...node } })], { spec });

describe("a standby node", () => {
  check([
    { name: "as it should be is left alone", view: standby({}), does: [] },
    { name: "that somebody uncordoned is cordoned", view: standby({ cordoned: false }), does: ["applyNode"] },
    { name: "without its standby taint gets it back", view: standby({ taints: all.slice(0, 2) }), does: ["applyNode"] },
    { name: "without its startup taint gets it back", view: standby({ taints: all.slice(1) }), does: ["applyNode"] },
    {
      name: "without the not-ready taint gets it back",
      view: standby({ taints: [startup, TAINT.standby] }),
      does: ["applyNode"],
    },
    {
      name: "without the pool's label gets it back",
      view: standby({ labels: { [LABEL.state]: "standby" } }),
      does: ["applyNode"],
    },
    {
      name: "with more taints and labels keeps them",
      view: standby({ labels: { ...labels, mine: "1" }, taints: [...all, TAINT.shutdown] }),
      does: [],
    },
    {
      name: "gets a label that its pool has had since",
      view: {
        ...standby({}),
        spec: aSpec({ template: { ...template, labels: { ...template.labels, team: "build" } } }),
      },
      does: ["applyNode"],
    },
  ]);

  it("is mended only while its record stands", () => {
    const kinds = plan(standby({ cordoned: false })).map(({ kind }) => kind);
    expect(kinds).toEqual(["updateRecord", "applyNode"]);
  });
});
