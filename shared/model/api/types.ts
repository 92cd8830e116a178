/** The objects of `stratos.sh/v1alpha1` as stored by the API server. The types of spec and status are generated from the CRDs. */
import type { ObjectMeta } from "../kubernetes/objects.ts";
import type { AWSNodeClassSpec, AWSNodeClassStatus } from "./awsnodeclass.gen.ts";
import type { NodePoolSpec, NodePoolStatus } from "./nodepool.gen.ts";

export type { AWSNodeClassSpec, AWSNodeClassStatus, NodePoolSpec };

export interface NodePool {
  readonly apiVersion: "stratos.sh/v1alpha1";
  readonly kind: "NodePool";
  readonly metadata: ObjectMeta;
  readonly spec: NodePoolSpec;
  readonly status?: NodePoolStatus;
}

export interface AWSNodeClass {
  readonly apiVersion: "stratos.sh/v1alpha1";
  readonly kind: "AWSNodeClass";
  readonly metadata: ObjectMeta;
  readonly spec: AWSNodeClassSpec;
  readonly status?: AWSNodeClassStatus;
}

export type Condition = NonNullable<NodePoolStatus["conditions"]>[number];
