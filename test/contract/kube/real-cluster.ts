import { startControlPlane } from "../control-plane.ts";
import { type Cluster, PEOPLE } from "./cluster.ts";

/** A real API server, with its etcd. */
export const startReal = async (): Promise<Cluster> => {
  const controlPlane = await startControlPlane(PEOPLE);
  // Its watch cache begins with what there was when it began.
  return { ...controlPlane, forgetFirstVersion: async () => {} };
};
