/** `npm run chart`: writes the Helm chart to build/chart. Its templates are the manifests, in which some values are replaced: nothing is said twice. */
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";

const ROOT = join(import.meta.dirname, "..");
const MANIFESTS = join(ROOT, "forwarder/manifests");

interface Kustomization {
  readonly resources: readonly string[];
  readonly images?: readonly { readonly newName: string; readonly newTag: string }[];
}

/** A text of the manifests that occurs once, and the chart's value that takes its place. */
interface Replacement {
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

const REPLACEMENTS: readonly Replacement[] = [
  {
    file: "deployment.yaml",
    text: "value: my-cluster",
    by: 'value: {{ required "cluster: its name in the stack\'s clusters" .Values.cluster | quote }}',
  },
  { file: "deployment.yaml", text: "value: stratos\n", by: "value: {{ .Values.eventBus | quote }}\n" },
  { file: "deployment.yaml", text: "replicas: 2", by: "replicas: {{ .Values.replicas }}" },
  {
    file: "deployment.yaml",
    text: "image: stratos-forwarder",
    by: 'image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"',
  },
];

/** Resolves to the chart's folder. */
export const writeChart = async (folder = join(ROOT, "build/chart")): Promise<string> => {
  const { resources, images = [] } = await readYaml<Kustomization>(join(MANIFESTS, "kustomization.yaml"));
  const { version, description } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const [image] = images;
  const values = {
    // Has no default.
    cluster: "",
    eventBus: "stratos",
    replicas: 2,
    image: { repository: image?.newName, tag: image?.newTag },
  };
  const chart = { apiVersion: "v2", name: "stratos", description, type: "application", version, appVersion: version };
  await rm(folder, { recursive: true, force: true });
  for (const name of ["templates", "crds"]) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, "Chart.yaml"), stringify(chart));
  await writeFile(join(folder, "values.yaml"), stringify(values));
  for (const resource of resources) {
    if (resource.endsWith(".yaml")) await writeTemplate(resource, join(folder, "templates", resource));
    else await copyDefinitions(join(MANIFESTS, resource), join(folder, "crds"));
  }
  return folder;
};

const writeTemplate = async (file: string, target: string): Promise<void> => {
  let template = await readFile(join(MANIFESTS, file), "utf8");
  for (const { text, by } of REPLACEMENTS.filter((replacement) => replacement.file === file)) {
    if (template.split(text).length !== 2)
      throw new Error(`writing the chart: ${file} must have ${JSON.stringify(text)} once`);
    template = template.replace(text, () => by);
  }
  await writeFile(target, template);
};

/** Helm installs what is in `crds` first, and never deletes it: with the definitions, all pools would be deleted. */
const copyDefinitions = async (from: string, to: string): Promise<void> => {
  const { resources } = await readYaml<Kustomization>(join(from, "kustomization.yaml"));
  for (const file of resources) await copyFile(join(from, file), join(to, file));
};

const readYaml = async <T>(path: string): Promise<T> => parse(await readFile(path, "utf8"));

if (import.meta.main) {
  const folder = await writeChart();
  console.log(`wrote ${folder} with ${(await readdir(join(folder, "templates"))).length} templates`);
}
