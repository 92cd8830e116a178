/** An EBS volume. Every simulated volume is created by a launch and belongs to its instance. */
export interface Volume {
  readonly id: string;
  readonly deviceName: string;
  readonly sizeGiB: number;
  readonly type: string;
  readonly encrypted: boolean;
  /** Of a customer-managed key; undefined for the AWS-managed key. */
  readonly keyArn: string | undefined;
  readonly iops: number | undefined;
  readonly throughput: number | undefined;
  readonly deleteOnTermination: boolean;
  readonly snapshotId: string | undefined;
  /** MiB/s. */
  readonly initializationRate: number | undefined;
}
