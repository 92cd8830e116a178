import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { JsonObject } from "../../../../local/kubernetes/api-server/json-value.ts";
import type { Api } from "./api-client.ts";

export const NODE_POOLS = "/apis/stratos.sh/v1alpha1/nodepools";
export const NODE_CLASSES = "/apis/stratos.sh/v1alpha1/awsnodeclasses";
export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const PODS = "/api/v1/namespaces/default/pods";
export const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

/** Creates both of Stratos's CustomResourceDefinitions, like `kubectl apply -k crds`. */
export const applyDefinitions = async (api: Api): Promise<void> => {
  for (const name of ["nodepools", "awsnodeclasses"]) {
    const text = readFileSync(new URL(`../../../../crds/${name}.yaml`, import.meta.url), "utf8");
    const { status, body } = await api.call("POST", DEFINITIONS, parse(text));
    if (status !== 201) throw new Error(JSON.stringify(body));
  }
};

export const aNodePool = (name: string, spec: JsonObject = {}) => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "NodePool",
  metadata: { name },
  spec: { poolSize: 5, minStandby: 1, template: { nodeClassRef: { kind: "AWSNodeClass", name: "a" } }, ...spec },
});

export const aNodeClass = (name: string, spec: JsonObject = {}) => ({
  apiVersion: "stratos.sh/v1alpha1",
  kind: "AWSNodeClass",
  metadata: { name },
  spec: {
    instanceType: "m5.large",
    ami: "ami-1",
    userData: "x",
    subnetIds: ["subnet-1"],
    securityGroupIds: ["sg-1"],
    role: "nodes",
    ...spec,
  },
});

export const aPod = (name: string, spec: JsonObject = {}, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default", labels },
  spec: { containers: [{ name: "main", image: "nginx:1" }], ...spec },
});

export const aNode = (name: string, spec: JsonObject = {}, labels: Record<string, string> = {}) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels },
  spec,
});

export const aDeployment = (name: string) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name, namespace: "default" },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: "main", image: "nginx:1" }] } },
  },
});
