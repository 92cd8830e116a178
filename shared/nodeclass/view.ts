import type { AWSNodeClass } from "../model/api/types.ts";
import type { Resolution } from "./resolution.ts";

/** A NodePool that uses the class. */
export interface PoolUse {
  readonly name: string;
  readonly minStandby: number;
  /** The pool's instances, from its status. */
  readonly total: number;
}

export interface NodeClassView {
  readonly nodeClass: AWSNodeClass;
  readonly pools: readonly PoolUse[];
  readonly region: string;
  readonly now: number;
  readonly resolution: Resolution;
}

export interface Warning {
  readonly reason:
    | "ResolutionFailed"
    | "ValidationFailed"
    | "AddressesLow"
    | "DeletionBlocked"
    | "ImageDeprecated"
    | "InstanceStoreUsed"
    | "SpotTypesUnusable"
    | "TemplateOutdated";
  readonly message: string;
}

export interface ValidationError {
  readonly reason: string;
  readonly message: string;
}
