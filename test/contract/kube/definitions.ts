import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { type ApiServer, request } from "../api-server.ts";
import { type Kind, MINIMAL, PLURAL } from "../crd-cases.ts";
import { eventually } from "./cluster.ts";

export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** The path of objects of Stratos's kinds; `rest` is a name, a subresource or a query. */
export const pathOf = (kind: Kind, rest = ""): string => `/apis/stratos.sh/v1alpha1/${PLURAL[kind]}${rest}`;

export const readYaml = async (path: string): Promise<object> =>
  parse(await readFile(new URL(`../../../${path}`, import.meta.url), "utf8"));

/** Creates both CRDs and waits until their resources are served. */
export const applyDefinitions = async (server: ApiServer): Promise<void> => {
  for (const plural of Object.values(PLURAL)) {
    const { status, body } = await request(server, "POST", DEFINITIONS, await readYaml(`crds/${plural}.yaml`));
    if (status !== 201) throw new Error(`creating the definition of ${plural}: ${JSON.stringify(body)}`);
  }
  for (const kind of ["NodePool", "AWSNodeClass"] as const) {
    await eventually(`serving ${kind}s`, async () => {
      const { status } = await request(server, "POST", pathOf(kind, "?dryRun=All"), MINIMAL[kind]);
      return status === 201 || undefined;
    });
  }
};
