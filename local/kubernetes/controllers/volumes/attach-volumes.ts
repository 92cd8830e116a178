/**
 * The attach/detach controller, with the attachers of CSI drivers: keeps a VolumeAttachment for each volume of a pod on a node. Source:
 * kube-controller-manager, pkg/controller/volume/attachdetach.
 */
import { createHash } from "node:crypto";
import type { Clock } from "../../../clock.ts";
import type { Store } from "../../api-server/store.ts";
import { createWorkQueue } from "../../loops/work-queue.ts";
import { isFinished, isReady, type NodeObject } from "../../objects/objects.ts";
import type { PodIndex } from "../../objects/pod-index.ts";
import {
  ATTACHMENTS,
  CSI_NODES,
  type CsiNode,
  type CsiVolume,
  csiVolumesOf,
  type VolumeAttachment,
} from "../../objects/volumes.ts";

/** AttachVolume and DetachVolume of EBS take some seconds each: a belief. */
const ATTACH_MS = 3_000;
const DETACH_MS = 5_000;
/**
 * maxWaitForUnmountDuration: a volume that the node's kubelet did not unmount is detached all the same after 6 min
 * (kubernetes/kubernetes#129805; aws-ebs-csi-driver, docs/faq.md, "6-Minute Delays in Attaching Volumes").
 */
const MAX_UNMOUNT_MS = 6 * 60_000;
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export interface AttachVolumesOptions {
  readonly clock: Clock;
  readonly store: Store;
  readonly pods: PodIndex;
}

/** An attachment that no pod needs, and whether the kubelet has unmounted the volume. */
interface Release {
  readonly since: number;
  unmounted: boolean;
}

const attachmentName = ({ name, driver }: CsiVolume, nodeName: string): string =>
  `csi-${createHash("sha256").update(`${name}${driver}${nodeName}`).digest("hex")}`;

export const attachVolumes = ({ clock, store, pods }: AttachVolumesOptions): (() => void) => {
  const attaching = new Set<string>();
  /** By the attachment's name. Only attachments of this controller have an entry. */
  const own = new Set<string>();
  const releases = new Map<string, Release>();

  const neededOn = (nodeName: string): CsiVolume[] =>
    pods.onNode(nodeName).flatMap((pod) => (isFinished(pod) ? [] : csiVolumesOf(store, pod)));

  const hasDriver = (nodeName: string, driver: string): boolean =>
    store.get<CsiNode>(CSI_NODES, nodeName)?.spec.drivers.some(({ name }) => name === driver) ?? false;

  const attach = (volume: CsiVolume, nodeName: string): void => {
    const name = attachmentName(volume, nodeName);
    releases.delete(name);
    if (attaching.has(name) || store.get(ATTACHMENTS, name) || !hasDriver(nodeName, volume.driver)) return;
    attaching.add(name);
    own.add(name);
    store.create<VolumeAttachment>(ATTACHMENTS, {
      apiVersion: "storage.k8s.io/v1",
      kind: "VolumeAttachment",
      metadata: { name },
      spec: { attacher: volume.driver, nodeName, source: { persistentVolumeName: volume.name } },
      status: { attached: false },
    });
    clock.after(ATTACH_MS, () => {
      attaching.delete(name);
      const setAttached = ({ status }: VolumeAttachment): void => {
        status.attached = true;
      };
      store.change<VolumeAttachment>(ATTACHMENTS, name, undefined, setAttached, { status: true });
    });
  };

  const detach = (name: string): void =>
    void clock.after(DETACH_MS, () => {
      if (!releases.delete(name)) return;
      own.delete(name);
      store.remove(ATTACHMENTS, name);
    });

  const release = (name: string, node: NodeObject | undefined): void => {
    const found = releases.get(name) ?? { since: clock.now(), unmounted: false };
    releases.set(name, found);
    if (found.unmounted) return;
    const isOutOfService = node?.spec.taints?.some(({ key }) => key === OUT_OF_SERVICE) ?? false;
    const untilForced = found.since + MAX_UNMOUNT_MS - clock.now();
    if ((node && isReady(node)) || isOutOfService || untilForced <= 0) {
      found.unmounted = true;
      detach(name);
    } else queue.addAfter(nodeNameOf(name), untilForced);
  };

  const nodeNameOf = (name: string): string => store.get<VolumeAttachment>(ATTACHMENTS, name)?.spec.nodeName ?? "";

  const queue = createWorkQueue(clock, (nodeName) => {
    const needed = neededOn(nodeName);
    for (const volume of needed) attach(volume, nodeName);
    const names = new Set(needed.map((volume) => attachmentName(volume, nodeName)));
    const node = store.get<NodeObject>("nodes", nodeName);
    for (const { metadata, spec } of store.list<VolumeAttachment>(ATTACHMENTS)) {
      if (spec.nodeName === nodeName && own.has(metadata.name) && !names.has(metadata.name))
        release(metadata.name, node);
    }
  });

  const stops = [
    store.subscribe("pods", ({ object }) => {
      const { nodeName, volumes } = object.spec as { nodeName?: string; volumes?: object[] };
      if (nodeName && volumes?.some((volume) => "persistentVolumeClaim" in volume)) queue.add(nodeName);
    }),
    store.subscribe("nodes", ({ object }) => {
      if (own.size > 0) queue.add(object.metadata.name);
    }),
    store.subscribe(CSI_NODES, ({ object }) => queue.add(object.metadata.name)),
    queue.stop,
  ];
  return () => {
    for (const stop of stops) stop();
  };
};
