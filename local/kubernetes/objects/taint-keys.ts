/** On a node that the cloud-controller-manager has not initialized. */
export const UNINITIALIZED = "node.cloudprovider.kubernetes.io/uninitialized";
