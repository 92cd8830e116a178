import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { kubeClientFromKubeconfig, readKubeconfig } from "../../../shared/kube/kubeconfig.ts";
import { paths } from "../../../shared/kube/paths.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { startServer } from "./server.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const aKubeconfig = (cluster: object, user: object, files: Readonly<Record<string, string>> = {}): string => {
  const folder = temporaryFolder("kubeconfig");
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const path = join(folder, "config");
  const config = {
    "current-context": "here",
    contexts: [
      { name: "there", context: { cluster: "gone", user: "gone" } },
      { name: "here", context: { cluster: "c", user: "u" } },
    ],
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user }],
  };
  writeFileSync(path, stringify(config));
  return path;
};

describe("a kubeconfig", () => {
  it("connects to the current context's cluster with the user's token", async () => {
    const server = await startServer(() => ({ status: 200, body: { found: true } }));
    const cluster = { server: server.endpoint, "certificate-authority-data": base64(server.ca) };
    const kube = kubeClientFromKubeconfig(aKubeconfig(cluster, { token: "mine" }));
    expect(await kube.get(paths.node("n"))).toEqual({ found: true });
    expect(server.requests[0]?.headers.authorization).toBe("Bearer mine");
  });

  it("may name files relative to itself", () => {
    const cluster = { server: "https://c", "certificate-authority": "ca.pem" };
    const user = { "client-certificate": "me.pem", "client-key-data": base64("KEY") };
    const path = aKubeconfig(cluster, user, { "ca.pem": "CA", "me.pem": "ME" });
    expect(readKubeconfig(path)).toEqual({ endpoint: "https://c", ca: "CA", cert: "ME", key: "KEY" });
  });

  it.each([
    ["server", {}, { token: "t" }],
    ["certificate-authority", { server: "https://c", "certificate-authority-data": undefined }, { token: "t" }],
    ["token nor client-certificate", { server: "https://c", "certificate-authority-data": base64("CA") }, {}],
  ])("with a missing field is rejected with the field's name: %s", (field, cluster, user) => {
    expect(() => readKubeconfig(aKubeconfig({ "certificate-authority-data": base64("CA"), ...cluster }, user))).toThrow(
      field,
    );
  });
});
