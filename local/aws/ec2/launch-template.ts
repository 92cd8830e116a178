import type { Params } from "../gateway/query-params.ts";

export interface LaunchTemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly createdAt: number;
  /** The request's parameters, which have the same names as in RunInstances. */
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
