import { join } from "node:path";

export const FUNCTION_NAMES = ["demand", "pool", "nodeclass", "ec2-events", "sweep"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];

/** The functions that call EC2, EKS and the clusters' API servers. */
export const KUBERNETES_FUNCTION_NAMES = ["demand", "pool", "nodeclass", "sweep"] as const;
export type KubernetesFunctionName = (typeof KUBERNETES_FUNCTION_NAMES)[number];

/** The repository, or what stands for it in the package: the folder above this module's. */
export const ROOT = join(import.meta.dirname, "..");

/** One folder for each function, with its bundle `index.cjs`. The package has them built already. */
export const FUNCTIONS_FOLDER = join(ROOT, "build/functions");
