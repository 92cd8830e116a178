import type { AWSNodeClass } from "../model/api/types.ts";
import type { Resolution } from "./resolution.ts";

/** A NodePool that refers to the class. */
export interface PoolUse {
  readonly name: string;
  readonly minStandby: number;
  /** Instances that it has, by its status. */
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
  readonly reason: "ResolutionFailed" | "ValidationFailed" | "AddressesLow" | "DeletionBlocked" | "TemplateOutdated";
  readonly message: string;
}

export interface ValidationError {
  readonly reason: string;
  readonly message: string;
}
