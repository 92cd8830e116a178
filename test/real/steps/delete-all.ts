import { POOL, podsOf, poolNodes, until } from "../reading.ts";
import type { Real } from "../stage.ts";

/** Deletes the pool while the guarded pod runs on it, then its node class; kubectl waits for their finalizers. */
export const deleteAll = async (real: Real): Promise<void> => {
  await real.kube.kubectl(["delete", "nodepool", POOL, "--timeout=60s"]);
  await until(real, "the pool's nodes are gone", () => poolNodes(real).length === 0, 20_000);
  await real.kube.kubectl(["delete", "awsnodeclass", "workers", "--timeout=30s"]);
  await real.kube.kubectl(["delete", "deployment", "guarded"]);
  await until(real, "the guarded pods are gone", () => podsOf(real, "guarded").length === 0, 20_000);
  await real.kube.kubectl(["delete", "persistentvolumeclaim", "guarded", "--timeout=30s"]);
};
