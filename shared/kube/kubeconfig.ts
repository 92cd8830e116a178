/** For tools on a developer's machine; the functions find their clusters through EKS and bundle no YAML parser. */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import type { KubeClient } from "./client.ts";
import { type ConnectionOptions, createKubeClient } from "./http-client.ts";

type Fields = Readonly<Record<string, string | undefined>>;

/** The fields used here (client-go, clientcmd/api/v1 Config); users with `exec` or `auth-provider` are not supported. */
interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly { readonly name: string; readonly context: Fields }[];
  readonly clusters?: readonly { readonly name: string; readonly cluster: Fields }[];
  readonly users?: readonly { readonly name: string; readonly user: Fields }[];
}

const named = <T extends { readonly name: string }>(kind: string, list: readonly T[] = [], name = ""): T => {
  const found = list.find((item) => item.name === name);
  if (!found) throw new Error(`kubeconfig: found no ${kind} named ${JSON.stringify(name)}`);
  return found;
};

/** The inline value, or the content of the file that the field names, relative to the kubeconfig. */
const readField = (fields: Fields, field: string, folder: string): string | undefined => {
  const inline = fields[`${field}-data`];
  if (inline !== undefined) return Buffer.from(inline, "base64").toString("utf8");
  const path = fields[field];
  return path === undefined ? undefined : readFileSync(resolve(folder, path), "utf8");
};

/** Connection options for the current context's cluster. Throws an error that names the field if one is missing. */
export const readKubeconfig = (path: string): ConnectionOptions => {
  const config = parse(readFileSync(path, "utf8")) as Kubeconfig;
  const folder = dirname(path);
  const { context } = named("context", config.contexts, config["current-context"]);
  const { cluster } = named("cluster", config.clusters, context.cluster);
  const { user } = named("user", config.users, context.user);
  const ca = readField(cluster, "certificate-authority", folder);
  const { token } = user;
  const cert = readField(user, "client-certificate", folder);
  if (!cluster.server) throw new Error(`kubeconfig: cluster ${context.cluster} has no server`);
  if (!ca) throw new Error(`kubeconfig: cluster ${context.cluster} has no certificate-authority`);
  if (!token && !cert) throw new Error(`kubeconfig: user ${context.user} has neither token nor client-certificate`);
  return {
    endpoint: cluster.server,
    ca,
    ...(token && { token: async () => token }),
    ...(cert && { cert, key: readField(user, "client-key", folder) }),
  };
};

export const kubeClientFromKubeconfig = (path: string): KubeClient => createKubeClient(readKubeconfig(path));
