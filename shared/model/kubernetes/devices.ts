/** Objects of dynamic resource allocation (resource.k8s.io/v1), reduced to what tells which devices a pod needs. */
import type { ObjectMeta } from "./objects.ts";

export interface DeviceClass {
  readonly metadata: ObjectMeta;
  readonly spec: {
    /** Pods that request this resource get devices of the class (KEP-5004). */
    readonly extendedResourceName?: string;
  };
}

export interface ExactDeviceRequest {
  readonly deviceClassName: string;
  readonly selectors?: readonly unknown[];
  /** `ExactCount` if absent. */
  readonly allocationMode?: string;
  /** 1 if absent. */
  readonly count?: number;
  readonly adminAccess?: boolean;
}

export interface ResourceClaim {
  readonly metadata: ObjectMeta;
  readonly spec: {
    readonly devices?: {
      readonly requests?: readonly {
        readonly name: string;
        readonly exactly?: ExactDeviceRequest;
        /** Alternatives, instead of `exactly`. */
        readonly firstAvailable?: readonly unknown[];
      }[];
      readonly constraints?: readonly unknown[];
    };
  };
  readonly status?: { readonly allocation?: unknown };
}
