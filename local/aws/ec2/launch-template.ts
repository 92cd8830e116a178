import type { Params } from "./params.ts";

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: number;
  /** As the request spelled it, which is how RunInstances spells the same things. */
  readonly content: Params;
}

export interface LaunchTemplate {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly createdBy: string;
  defaultVersion: number;
  readonly versions: LaunchTemplateVersion[];
}
