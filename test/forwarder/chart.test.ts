/** The Helm chart is the kustomization with other values. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { writeChart } from "../../forwarder/chart.ts";
import { ROOT } from "../../infra/functions.ts";
import { readManifests } from "../../local/environment/manifests.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";

type Values = Readonly<Record<string, unknown>>;

let folder: string;
let defaults: Values;
beforeAll(async () => {
  folder = await writeChart(temporaryFolder("chart"));
  defaults = parse(readFileSync(join(folder, "values.yaml"), "utf8"));
});

const objectsIn = (text: string): KubeObject[] =>
  parseAllDocuments(text).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);

/** Helm's language as far as the chart uses it: `required "…" .Values.path | quote`. Throws on anything else. */
const renderHere = (values: Values): KubeObject[] => {
  const valueAt = (path: string) =>
    path.split(".").reduce<unknown>((value, name) => (value as Values | undefined)?.[name], values);
  const evaluate = (_: string, message: string | undefined, path: string, quote: string | undefined): string => {
    const value = valueAt(path);
    if (message !== undefined && !value) throw new Error(message);
    return quote ? JSON.stringify(String(value)) : String(value);
  };
  return readdirSync(join(folder, "templates")).flatMap((file) => {
    const template = readFileSync(join(folder, "templates", file), "utf8");
    const text = template.replaceAll(/\{\{ (?:required "([^"]*)" )?\.Values\.([\w.]+)( \| quote)? \}\}/g, evaluate);
    if (text.includes("{{")) throw new Error(`${file}: cannot render ${text.slice(text.indexOf("{{"), 80)}`);
    return objectsIn(text);
  });
};

/** With the program that the environment names, if any. */
const renderWithHelm = (values: Values): KubeObject[] => {
  const sets = Object.entries(values).flatMap(([name, value]) => ["--set-json", `${name}=${JSON.stringify(value)}`]);
  return objectsIn(
    execFileSync(String(process.env.HELM), ["template", "stratos", folder, ...sets], { encoding: "utf8" }),
  );
};

const RENDERERS: [string, typeof renderHere][] = [
  ["as far as the chart uses its language", renderHere],
  ...(process.env.HELM ? [["by Helm itself", renderWithHelm] as [string, typeof renderHere]] : []),
];

const keyOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
const byKey = (objects: readonly KubeObject[]) => new Map(objects.map((object) => [keyOf(object), object]));

describe.each(RENDERERS)("the chart, rendered %s", (_, render) => {
  test("has the objects of the kustomization", () => {
    const shipped = readManifests(join(ROOT, "forwarder/manifests")).filter(
      ({ kind }) => kind !== "CustomResourceDefinition",
    );
    const rendered = render({ ...defaults, cluster: "my-cluster" });
    const expected = byKey(shipped);
    // Kustomize sets the image; its name here is that of the kustomization.
    const image = JSON.stringify([...expected.values()]).replace(
      '"image":"stratos-forwarder"',
      '"image":"stratos-forwarder:0.1.0"',
    );
    expect(byKey(rendered)).toEqual(byKey(JSON.parse(image)));
  });

  test("takes cluster, bus, replicas and image from its values, and needs the cluster", () => {
    const values = {
      cluster: "blue",
      eventBus: "other",
      replicas: 3,
      image: { repository: "registry.example/f", tag: "1" },
    };
    const deployment = render(values).find(({ kind }) => kind === "Deployment");
    expect(deployment).toMatchObject({
      spec: {
        replicas: 3,
        template: {
          spec: {
            containers: [
              {
                image: "registry.example/f:1",
                env: expect.arrayContaining([
                  { name: "STRATOS_CLUSTER", value: "blue" },
                  { name: "STRATOS_EVENT_BUS", value: "other" },
                ]),
              },
            ],
          },
        },
      },
    });
    expect(() => render({ ...defaults })).toThrow("cluster: its name in the stack's clusters");
  });
});

test("the chart has the resource definitions where Helm does not delete them", () => {
  for (const file of ["nodepools.yaml", "awsnodeclasses.yaml"]) {
    expect(readFileSync(join(folder, "crds", file), "utf8")).toBe(readFileSync(join(ROOT, "crds", file), "utf8"));
  }
});
