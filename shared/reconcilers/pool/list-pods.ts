/** The pods of a pool's nodes, with only what decides about the nodes. */
import {
  type BoundPod,
  type KubePod,
  MIRROR_ANNOTATION,
  PROTECTING_ANNOTATIONS,
} from "../../model/kubernetes/objects.ts";
import { pick } from "../../model/pick.ts";
import { createListPods } from "../list-pods.ts";

const METADATA = [
  "name",
  "namespace",
  "uid",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "labels",
  "ownerReferences",
] as const;

const ANNOTATIONS = [MIRROR_ANNOTATION, ...Object.keys(PROTECTING_ANNOTATIONS)];

/** Without managed fields, environment, mounted configuration and the like, which are most of a pod. */
const project = ({ metadata, spec, status = {} }: KubePod): BoundPod => {
  const annotations = pick(metadata.annotations ?? {}, ANNOTATIONS);
  return {
    metadata: {
      ...pick(metadata, METADATA),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    spec: {
      ...pick(spec, ["nodeName", "terminationGracePeriodSeconds", "tolerations"]),
      volumes: (spec.volumes ?? []).filter((volume) => volume.persistentVolumeClaim ?? volume.ephemeral),
    },
    status: {
      ...pick(status, ["phase"]),
      conditions: status.conditions?.filter(({ type }) => type === "Ready") ?? [],
      containerStatuses: status.containerStatuses?.map((container) => pick(container, ["state"])) ?? [],
    },
  };
};

export const listPods = createListPods(project);
