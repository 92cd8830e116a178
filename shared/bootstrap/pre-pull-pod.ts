/**
 * Pre-pulls images on Bottlerocket, which has no shell: a static pod, whose images the kubelet pulls with its own credentials.
 * Source: bottlerocket.dev/en/os/latest, settings.kubernetes.static-pods.
 */

/** No image has this program, so the container never starts; because the container exists, the kubelet keeps the image. */
export const NOT_RUN = "/stratos-pulls-this-image-and-runs-nothing-of-it";

/** Base64, as the setting requires. One container per image; containers are never restarted. */
export const prePullManifest = (images: readonly string[]): string => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stratos-pre-pull", namespace: "kube-system" },
    spec: {
      restartPolicy: "Never",
      // The pod network may not be ready during image pulls; no container opens a port.
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
