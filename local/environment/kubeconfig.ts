import { writeFileSync } from "node:fs";
import { stringify } from "yaml";

export interface KubeconfigEntry {
  readonly clusterName: string;
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

/** Builds a kubeconfig object with one context. */
export const kubeconfigOf = ({ clusterName, url, caPem, token }: KubeconfigEntry) => ({
  apiVersion: "v1",
  kind: "Config",
  clusters: [
    {
      name: clusterName,
      cluster: { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") },
    },
  ],
  users: [{ name: clusterName, user: { token } }],
  contexts: [{ name: clusterName, context: { cluster: clusterName, user: clusterName } }],
  "current-context": clusterName,
});

/** Writes a file that only its owner can read, because it contains a token. */
export const writeKubeconfig = (path: string, entry: KubeconfigEntry): void =>
  writeFileSync(path, stringify(kubeconfigOf(entry)), { mode: 0o600 });
