import type { Taint } from "../objects.ts";
import type { KubeletSettings } from "./boot-plan.ts";

const KUBERNETES = "settings.kubernetes";

/** Sections of a TOML document that has each value on one line, as Bottlerocket's settings commonly do. */
const sectionsOf = (text: string): Map<string, Map<string, string>> => {
  const sections = new Map<string, Map<string, string>>();
  let section = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, header] = /^\s*\[([^\]]+)\]/.exec(line) ?? [];
    if (header !== undefined) {
      section = sections.get(unquote(header)) ?? new Map();
      sections.set(unquote(header), section);
      continue;
    }
    const [, key, value] = /^\s*("[^"]+"|[^=\s#]+)\s*=\s*(.+?)\s*$/.exec(line) ?? [];
    if (key && value) section.set(unquote(key), value);
  }
  return sections;
};

const unquote = (text: string): string => text.trim().replaceAll('"', "");

const strings = (value: string): string[] => [...value.matchAll(/"([^"]*)"/g)].map(([, text = ""]) => text);

/** `"key" = ["value:Effect"]`, as settings.kubernetes.node-taints has them. */
const taintsOf = (section: ReadonlyMap<string, string> | undefined): Taint[] =>
  [...(section ?? [])].flatMap(([key, list]) =>
    strings(list).map((text) => {
      const [value = "", effect = ""] = text.split(":");
      return { key, ...(value ? { value } : {}), effect };
    }),
  );

/** Bottlerocket's settings; undefined if they name no cluster. */
export const readBottlerocket = (text: string): KubeletSettings | undefined => {
  const sections = sectionsOf(text);
  const main = sections.get(KUBERNETES);
  const clusterName = main?.get("cluster-name");
  if (clusterName === undefined) return undefined;
  const labels = sections.get(`${KUBERNETES}.node-labels`) ?? new Map<string, string>();
  return {
    clusterName: unquote(clusterName),
    labels: Object.fromEntries([...labels].map(([key, value]) => [key, unquote(value)])),
    taints: taintsOf(sections.get(`${KUBERNETES}.node-taints`)),
    maxPods: Number(main?.get("max-pods")) || undefined,
  };
};
