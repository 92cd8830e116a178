/**
 * How images reach a Bottlerocket node, which has no shell: a static pod, whose images kubelet pulls with the credentials it
 * has anyway. Source: bottlerocket.dev/en/os/latest, settings.kubernetes.static-pods.
 */

/** No image has such a program, so nothing of it runs; its container stays, and with it kubelet keeps the image. */
export const NOT_RUN = "/stratos-pulls-this-image-and-runs-nothing-of-it";

/** Base64, as the setting wants it. Each image is a container of its own; none is ever started again. */
export const prePullManifest = (images: readonly string[]): string => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stratos-pre-pull", namespace: "kube-system" },
    spec: {
      restartPolicy: "Never",
      // The network may not be ready while images are pulled; nothing listens.
      hostNetwork: true,
      automountServiceAccountToken: false,
      tolerations: [{ operator: "Exists" }],
      containers: images.map((image, index) => ({
        name: `image-${index}`,
        image,
        imagePullPolicy: "IfNotPresent",
        command: [NOT_RUN],
      })),
    },
  };
  return Buffer.from(JSON.stringify(pod)).toString("base64");
};
