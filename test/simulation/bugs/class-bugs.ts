/** Mistakes of the node class reconciler. */
import type { Bug } from "./bug.ts";

export const CLASS_BUGS = {
  "an instance profile is kept": { resources: () => ({ deleteProfile: async () => {} }) },
  "a class keeps its first image": {
    needs: ["new image"],
    resources: ({ readParameter }) => {
      const first = new Map<string, string>();
      return {
        readParameter: async (name) => {
          const value = first.get(name) ?? (await readParameter(name));
          if (value !== undefined) first.set(name, value);
          return value;
        },
      };
    },
  },
  "a class has no finalizer while pools use it": {
    ports: (ports) => ({
      kube: async (cluster) => {
        const client = await ports.kube(cluster);
        return {
          ...client,
          patch: (path, type, body) =>
            path.includes("/awsnodeclasses/") && "finalizers" in ((body as { metadata?: object }).metadata ?? {})
              ? client.get(path)
              : client.patch(path, type, body),
        };
      },
    }),
  },
} as const satisfies Readonly<Record<string, Bug>>;
