import { existsSync } from "node:fs";
import { join } from "node:path";

const HOW_TO_GET =
  "`setup-envtest use -p env` (sigs.k8s.io/controller-runtime/tools/setup-envtest) installs etcd, kube-apiserver and kubectl " +
  "and prints the variable to export; kube-scheduler and kube-controller-manager come from a Kubernetes release (dl.k8s.io), the AWS " +
  "cloud-controller-manager from a release of kubernetes/cloud-provider-aws; the hollow kubelet is built from " +
  "Kubernetes's pkg/kubemark, and nodeadm from awslabs/amazon-eks-ami";

/** The path of a control plane program in `KUBEBUILDER_ASSETS`. Throws if it is missing; the message says how to get it. */
export const findProgram = (name: string): string => {
  const directory = process.env.KUBEBUILDER_ASSETS;
  if (!directory)
    throw new Error(`KUBEBUILDER_ASSETS is not set, so there is no ${name} to test against: ${HOW_TO_GET}`);
  const path = join(directory, name);
  if (!existsSync(path)) throw new Error(`there is no ${name} in KUBEBUILDER_ASSETS (${directory}): ${HOW_TO_GET}`);
  return path;
};
