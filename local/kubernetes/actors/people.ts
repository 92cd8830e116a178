import type { NodeObject, Taint } from "../objects/objects.ts";

/** The access to nodes that every actor needs; the simulated store and fakes of the API have it. */
export interface NodeAccess {
  changeNode(name: string, change: (node: NodeObject) => void): void;
  deleteNode(name: string): void;
}

/** What somebody with kubectl does to a node at any time. */
export interface Person {
  cordon(node: string): void;
  uncordon(node: string): void;
  /** `undefined` removes the label. */
  label(node: string, key: string, value: string | undefined): void;
  /** Replaces a taint with the same key and effect, like kubectl taint --overwrite. */
  taint(node: string, taint: Taint): void;
  untaint(node: string, key: string): void;
  /** The object only: the instance keeps running, and its kubelet registers again only at its next start (kubernetes#71398). */
  deleteNode(node: string): void;
}

export const createPerson = ({ changeNode, deleteNode }: NodeAccess): Person => ({
  cordon: (name) =>
    changeNode(name, ({ spec }) => {
      spec.unschedulable = true;
    }),
  uncordon: (name) =>
    changeNode(name, ({ spec }) => {
      delete spec.unschedulable;
    }),
  label: (name, key, value) =>
    changeNode(name, ({ metadata }) => {
      const { [key]: _, ...others } = metadata.labels ?? {};
      metadata.labels = value === undefined ? others : { ...others, [key]: value };
    }),
  taint: (name, taint) =>
    changeNode(name, ({ spec }) => {
      const others = (spec.taints ?? []).filter(({ key, effect }) => key !== taint.key || effect !== taint.effect);
      spec.taints = [...others, taint];
    }),
  untaint: (name, key) =>
    changeNode(name, ({ spec }) => {
      spec.taints = (spec.taints ?? []).filter((taint) => taint.key !== key);
    }),
  deleteNode,
});
