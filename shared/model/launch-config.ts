import type { AWSNodeClassSpec } from "./api/types.ts";
import type { BlockDevice, LaunchOptions, LaunchSpec } from "./ec2.ts";

type Template = NonNullable<AWSNodeClassSpec["bootstrapTemplate"]>;

/** The user data settings of a class with a `bootstrapTemplate`. */
export interface TemplateSource {
  readonly template: Template;
  readonly custom: string | undefined;
  readonly kubelet: NonNullable<AWSNodeClassSpec["kubelet"]>;
}

export type UserData = Pick<LaunchSpec, "userData" | "userDataIsGzip">;

/** The class's own user data, sent unchanged, or the settings from which a template is rendered for each pool. */
export type UserDataSource = { readonly own: string } | TemplateSource;

export interface LaunchConfig {
  readonly imageId: string;
  readonly instanceType: string;
  /** The types to launch, most preferred first. The first one is `instanceType`. */
  readonly instanceTypes: readonly string[];
  readonly subnets: readonly {
    readonly id: string;
    readonly zone: string;
    /** When the class was last resolved; absent if unknown. */
    readonly freeAddresses?: number;
  }[];
  readonly securityGroupIds: readonly string[];
  /** Name or ARN. */
  readonly instanceProfile: string;
  readonly userDataSource: UserDataSource;
  readonly metadataOptions: LaunchSpec["metadataOptions"];
  readonly blockDevices: readonly BlockDevice[];
  readonly options: LaunchOptions;
  /** Stratos's own tags override these. */
  readonly userTags: Readonly<Record<string, string>>;
}

/** The launch configuration of one pool. */
export interface PoolLaunchConfig extends LaunchConfig {
  readonly userData: UserData;
  /** For an instance that serves at once: it does not power itself off. Absent if the class has its own user data: that may power off. */
  readonly servingUserData?: UserData;
}
