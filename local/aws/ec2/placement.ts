export interface Placement {
  readonly tenancy: string;
  /** Empty if there is none, as in EC2's responses. */
  readonly groupName: string;
  readonly reservation: {
    readonly preference: string;
    readonly id: string | undefined;
    readonly resourceGroupArn: string | undefined;
  };
}
