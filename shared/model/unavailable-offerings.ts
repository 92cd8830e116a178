/** EC2 recommends to wait "a few minutes" before a retry (Amazon EC2 User Guide, insufficient capacity). */
export const UNAVAILABLE_FOR_MS = 3 * 60_000;

/** When each offering is available again, in ms since the epoch, by offering key. */
export type UnavailableOfferings = ReadonlyMap<string, number>;

/** Identifies an offering in the table and in messages. */
export const offeringKey = ({ instanceType, zone }: { readonly instanceType: string; readonly zone: string }): string =>
  `${instanceType} in ${zone}`;

/** The key for a subnet without free addresses, which no instance type can use. */
export const subnetKey = (subnetId: string): string => `subnet ${subnetId}`;
