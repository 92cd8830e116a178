/** User data of Bottlerocket: its settings in TOML, with the class's own merged in. */
import { parse, stringify, type TomlTable } from "smol-toml";
import { dnsAddress, type NodeSettings } from "./node-settings.ts";
import { prePullManifest } from "./pre-pull-pod.ts";

type Value = TomlTable[string];

const isTable = (value: Value | undefined): value is TomlTable =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The latter wins where both name a value; tables are merged, and lists are joined without repeating anything. */
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

/** Source: bottlerocket.dev/en/os/latest, API reference, settings.kubernetes. Its provider id Bottlerocket finds itself. */
const settingsTable = ({ cluster, labels, taints, maxPods, warmup }: NodeSettings): TomlTable => ({
  settings: {
    kubernetes: {
      "cluster-name": cluster.name,
      "api-server": cluster.endpoint,
      "cluster-certificate": cluster.certificateAuthority,
      ...(maxPods !== undefined && { "max-pods": maxPods }),
      "node-labels": { ...labels },
      "node-taints": taintsTable(taints),
      ...(warmup.images.length > 0 && {
        "static-pods": {
          "stratos-pre-pull": { enabled: true, manifest: prePullManifest(warmup.images) },
        },
      }),
    },
  },
});

/** A class may put it elsewhere: NodeLocal DNSCache listens on an address of its own. */
const dnsTable = ({ cluster }: NodeSettings): TomlTable => ({
  settings: { kubernetes: { "cluster-dns-ip": dnsAddress(cluster.serviceCidr) } },
});

const parseSettings = (text: string): TomlTable => parse(text, { integersAsBigInt: "asNeeded" });

/** Stratos's settings win: a node that called itself otherwise would not be this pool's. */
export const bottlerocketUserData = (settings: NodeSettings, custom: string | undefined): string => {
  const tables = [dnsTable(settings), parseSettings(custom ?? ""), settingsTable(settings)];
  return `${stringify(tables.reduce(mergeTables)).trimEnd()}\n`;
};

/** Why `customUserData` cannot be merged, with line and column; undefined if it can. */
export const bottlerocketCustomProblem = (custom: string): string | undefined => {
  try {
    const { settings, ...others } = parseSettings(custom);
    const unknown = Object.keys(others);
    return unknown.length > 0 || (settings !== undefined && !isTable(settings))
      ? `customUserData has ${unknown.join(", ") || "settings that are no table"}; Bottlerocket reads [settings.…] only`
      : undefined;
  } catch (error) {
    return `customUserData is not TOML, which bootstrapTemplate Bottlerocket needs: ${error instanceof Error ? error.message : error}`;
  }
};
