import { fileURLToPath } from "node:url";

/** The same for every run, so that a shell keeps its KUBECONFIG when the demo starts again. */
export const KUBECONFIG = fileURLToPath(new URL("../../build/kubeconfig", import.meta.url));
