/** The functions' Kubernetes client for the simulated API server. */
import { type KubeClient, KubeError, type ListOptions, type PatchType } from "../../shared/kube/client.ts";
import type { KubeRequest } from "./kube.ts";

const CONTENT_TYPES: Readonly<Record<PatchType, string>> = {
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  json: "application/json-patch+json",
};
const METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";

type Send = (request: KubeRequest) => Promise<unknown>;

const orUndefined = async (response: Promise<unknown>): Promise<unknown> => {
  try {
    return await response;
  } catch (error) {
    if (error instanceof KubeError && error.status === 404 && !error.message.endsWith("is not served"))
      return undefined;
    throw error;
  }
};

const queryOf = ({ labelSelector, fieldSelector }: ListOptions): Record<string, string> => ({
  ...(labelSelector && { labelSelector }),
  ...(fieldSelector && { fieldSelector }),
});

export const createSimulatedKubeClient = (send: Send): KubeClient => ({
  get: async <T>(path: string) => (await orUndefined(send({ method: "GET", path }))) as T | undefined,
  list: async <T, P = T>(
    path: string,
    options: ListOptions = {},
    project: (item: T) => P | undefined = (item) => item as unknown as P,
  ) => {
    const accept = options.metadataOnly ? METADATA_ONLY : undefined;
    const response = await send({ method: "GET", path, query: queryOf(options), accept });
    return (response as { items: T[] }).items.map(project).filter((item) => item !== undefined);
  },
  patch: async <T>(path: string, type: PatchType, body: unknown) =>
    (await orUndefined(send({ method: "PATCH", path, contentType: CONTENT_TYPES[type], body }))) as T | undefined,
  create: async <T>(path: string, body: unknown) => (await send({ method: "POST", path, body })) as T,
  delete: async (path, options) => (await orUndefined(send({ method: "DELETE", path, body: options }))) !== undefined,
});
