import type { AWSNodeClassSpec } from "./api/types.ts";
import type { BlockDevice, LaunchOptions, LaunchSpec } from "./ec2.ts";

type Template = NonNullable<AWSNodeClassSpec["bootstrapTemplate"]>;

/** What a class with a `bootstrapTemplate` says about user data. */
export interface TemplateSource {
  readonly template: Template;
  readonly custom: string | undefined;
  readonly kubelet: NonNullable<AWSNodeClassSpec["kubelet"]>;
}

export type UserData = Pick<LaunchSpec, "userData" | "userDataIsGzip">;

/** The class's own text, sent as it is, or what a template is filled with for each pool. */
export type UserDataSource = { readonly own: string } | TemplateSource;

export interface LaunchConfig {
  readonly imageId: string;
  readonly instanceType: string;
  /** What to launch, the most wanted first, which is `instanceType`. */
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly { readonly id: string; readonly zone: string }[];
  readonly securityGroupIds: readonly string[];
  /** Name or ARN. */
  readonly instanceProfile: string;
  readonly userDataSource: UserDataSource;
  readonly metadataOptions: LaunchSpec["metadataOptions"];
  readonly blockDevices: readonly BlockDevice[];
  readonly options: LaunchOptions;
  /** Weaker than Stratos's own tags. */
  readonly userTags: Readonly<Record<string, string>>;
}

/** The template as one pool launches from it. */
export interface PoolLaunchConfig extends LaunchConfig {
  readonly userData: UserData;
  /** Sent to an instance that is to serve at once: it does not power itself off. Absent where the class's own user data may do so. */
  readonly servingUserData?: UserData;
}
