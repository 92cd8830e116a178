/** EC2 asks to wait «a few minutes» before asking again for what it had not (Amazon EC2 User Guide, insufficient capacity). */
export const UNAVAILABLE_FOR_MS = 3 * 60_000;

/** Times in ms since the epoch, by place. */
export type UnavailableOfferings = ReadonlyMap<string, number>;

/** The place of an instance, as it is marked and told. */
export const offeringKey = ({ instanceType, zone }: { readonly instanceType: string; readonly zone: string }): string =>
  `${instanceType} in ${zone}`;

/** Where the subnet has no free addresses, whatever the instance type. */
export const subnetKey = (subnetId: string): string => `subnet ${subnetId}`;
