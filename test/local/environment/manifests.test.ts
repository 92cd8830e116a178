import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { expect, it } from "vitest";
import { writeKubeconfig } from "../../../local/environment/kubeconfig.ts";
import { createObjects, readManifests } from "../../../local/environment/manifests.ts";
import type { KubeClient } from "../../../shared/kube/client.ts";

const MANIFESTS = join(import.meta.dirname, "../../../forwarder/manifests");

it("reads a kustomization with its bases", () => {
  const names = readManifests(MANIFESTS).map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  expect(names).toContain("CustomResourceDefinition nodepools.stratos.sh");
  expect(names).toContain("Namespace stratos-system");
  expect(names).toContain("ClusterRoleBinding stratos-functions");
});

it("creates namespaces before their objects and leaves out the given kinds", async () => {
  const created: string[] = [];
  const create: KubeClient["create"] = async (path, body) => {
    created.push(path);
    return body as never;
  };
  await createObjects({ create } as KubeClient, readManifests(MANIFESTS), [
    "Deployment",
    "Lease",
    "NetworkPolicy",
    "PodDisruptionBudget",
  ]);
  expect(created[0]).toBe("/api/v1/namespaces");
  expect(created).toContain("/api/v1/namespaces/stratos-system/serviceaccounts");
  await expect(createObjects({ create } as KubeClient, readManifests(MANIFESTS))).rejects.toThrow(
    "creating Lease stratos-forwarder: no support for this kind",
  );
});

it("writes a kubeconfig that only its owner can read", () => {
  const folder = mkdtempSync(join(tmpdir(), "stratos-test-"));
  const path = join(folder, "kubeconfig");
  try {
    writeKubeconfig(path, { clusterName: "my-cluster", url: "https://127.0.0.1:1", caPem: "PEM", token: "secret" });
    const config = new KubeConfig();
    config.loadFromFile(path);
    expect(config.getCurrentCluster()?.server).toBe("https://127.0.0.1:1");
    expect(config.getCurrentUser()?.token).toBe("secret");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
