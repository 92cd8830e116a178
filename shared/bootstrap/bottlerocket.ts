/** User data for Bottlerocket: settings in TOML, merged with the class's custom settings. */
import { parse, stringify, type TomlTable } from "smol-toml";
import { dnsAddress, type NodeSettings } from "./node-settings.ts";
import { prePullManifest } from "./pre-pull-pod.ts";

type Value = TomlTable[string];

const isTable = (value: Value | undefined): value is TomlTable =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** If both have a value, the second one wins; tables are merged, and lists are concatenated without duplicates. */
const merge = (one: Value | undefined, other: Value): Value => {
  if (Array.isArray(one) && Array.isArray(other)) return [...new Set([...one, ...other])];
  return isTable(one) && isTable(other) ? mergeTables(one, other) : other;
};

const mergeTables = (one: TomlTable, other: TomlTable): TomlTable => {
  const merged = new Map(Object.entries(one));
  for (const [key, value] of Object.entries(other)) merged.set(key, merge(merged.get(key), value));
  return Object.fromEntries(merged);
};

const taintsTable = (taints: NodeSettings["taints"]): TomlTable =>
  Object.fromEntries(
    [...Map.groupBy(taints, ({ key }) => key)].map(([key, same]) => [
      key,
      same.map(({ value = "", effect }) => `${value}:${effect}`),
    ]),
  );

/** Source: bottlerocket.dev/en/os/latest, API reference, settings.kubernetes. Bottlerocket determines the provider id itself. */
const settingsTable = ({ cluster, labels, taints, maxPods, warmup }: NodeSettings): TomlTable => ({
  settings: {
    kubernetes: {
      "cluster-name": cluster.name,
      "api-server": cluster.endpoint,
      "cluster-certificate": cluster.certificateAuthority,
      ...(maxPods !== undefined && { "max-pods": maxPods }),
      "node-labels": { ...labels },
      "node-taints": taintsTable(taints),
      ...staticPods([...warmup.images, ...warmup.optionalImages]),
    },
  },
});

const staticPods = (images: readonly string[]): TomlTable =>
  images.length === 0
    ? {}
    : { "static-pods": { "stratos-pre-pull": { enabled: true, manifest: prePullManifest(images) } } };

/** A class may override this: NodeLocal DNSCache listens on its own address. */
const dnsTable = ({ cluster }: NodeSettings): TomlTable => ({
  settings: { kubernetes: { "cluster-dns-ip": dnsAddress(cluster.serviceCidr) } },
});

const parseSettings = (text: string): TomlTable => parse(text, { integersAsBigInt: "asNeeded" });

/** Stratos's settings win over custom ones: with another name or labels, the node would not belong to the pool. */
export const bottlerocketUserData = (settings: NodeSettings, custom: string | undefined): string => {
  const tables = [dnsTable(settings), parseSettings(custom ?? ""), settingsTable(settings)];
  return `${stringify(tables.reduce(mergeTables)).trimEnd()}\n`;
};

/** The reason why `customUserData` cannot be merged, with line and column; undefined if it can. */
export const bottlerocketCustomProblem = (custom: string): string | undefined => {
  try {
    const { settings, ...others } = parseSettings(custom);
    const unknown = Object.keys(others);
    return unknown.length > 0 || (settings !== undefined && !isTable(settings))
      ? `customUserData has ${unknown.join(", ") || "settings that are not a table"}; Bottlerocket reads only [settings.…]`
      : undefined;
  } catch (error) {
    return `customUserData is not TOML, which bootstrapTemplate Bottlerocket requires: ${error instanceof Error ? error.message : error}`;
  }
};
