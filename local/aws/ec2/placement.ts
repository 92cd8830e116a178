export interface Placement {
  readonly tenancy: string;
  /** Empty without one, as EC2 shows it. */
  readonly groupName: string;
  readonly reservation: {
    readonly preference: string;
    readonly id: string | undefined;
    readonly resourceGroupArn: string | undefined;
  };
}
