/** Deliberate bugs in what is read from the API server and written to it. */
import { paths } from "../../../shared/kube/paths.ts";
import type { NodePool } from "../../../shared/model/api/types.ts";
import type { KubeNode } from "../../../shared/model/kubernetes/objects.ts";
import type { Feature } from "../features.ts";
import { type Bug, isPodList, kube } from "./bug.ts";

/** Pools are read as something else. */
const pools = (change: (pool: NodePool) => object, ...needs: Feature[]): Bug =>
  kube(
    ({ get }) => ({
      get: async (path) => {
        const found = await get(path);
        return (found && path.startsWith(`${paths.nodePools()}/`) ? change(found as NodePool) : found) as never;
      },
    }),
    ...needs,
  );

export const KUBE_BUGS = {
  // Every third list fails here, so that it does not take a hundred seeds.
  "the pods of a node that cannot be read are taken for none": kube(({ list }) => {
    let lists = 0;
    return {
      list: async (path, options, project) => {
        if (!isPodList(path, options?.fieldSelector)) return list(path, options, project);
        lists += 1;
        return lists % 3 === 0 ? [] : list(path, options, project);
      },
    };
  }, "max runtime"),
  "no node has pods": kube(({ list }) => ({
    list: async (path, options, project) =>
      isPodList(path, options?.fieldSelector) ? [] : list(path, options, project),
  })),
  "nodes are not uncordoned": kube(({ patch }) => ({
    patch: (path, type, body) => {
      const { spec, ...rest } = (body ?? {}) as { readonly spec?: { readonly unschedulable?: boolean } };
      const isUncordon = path.startsWith(paths.nodes()) && spec?.unschedulable !== true;
      const { unschedulable: _, ...others } = spec ?? {};
      return patch(path, type, isUncordon && spec ? { ...rest, spec: others } : body);
    },
  })),
  "pods without a node are not seen": kube(({ list }) => ({
    list: async (path, options, project) =>
      path === paths.pods() && options?.fieldSelector?.startsWith("status.phase") ? [] : list(path, options, project),
  })),
  "nodes are patched at each look": kube(({ list, patch }, { clock }) => ({
    list: async (path, options, project) => {
      const [node] = path === paths.nodes() ? await list<KubeNode>(path, options) : [];
      const body = { metadata: { annotations: { "stratos.sh/seen": String(clock.now()) } } };
      if (node) await patch(paths.node(node.metadata.name), "merge", body);
      return list(path, options, project);
    },
  })),
  "a pool's deletion is not seen": pools(({ metadata: { deletionTimestamp: _, ...metadata }, ...pool }) => ({
    ...pool,
    metadata,
  })),
  "a pool's size is read one too large": pools(({ spec, ...pool }) => ({
    ...pool,
    spec: { ...spec, poolSize: spec.poolSize + 1, minStandby: spec.poolSize + 1 },
  })),
  "pools have no finalizer": kube(({ patch }) => ({
    patch: async (path, type, body) => {
      const { finalizers } =
        (body as { readonly metadata?: { readonly finalizers?: readonly string[] } }).metadata ?? {};
      return finalizers && finalizers.length > 0 ? undefined : patch(path, type, body);
    },
  })),
} as const satisfies Readonly<Record<string, Bug>>;
