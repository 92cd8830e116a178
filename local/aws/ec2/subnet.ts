/** A subnet and its addresses. */
export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  /** `onLaunch`: every new instance gets an address. */
  readonly ipv6?: { readonly cidr: string; readonly onLaunch: boolean } | undefined;
  /** The number of free addresses; a stopped instance keeps its address. */
  free(): number;
  /**
   * Returns undefined if no address is free. A subnet of up to 64 addresses reuses a released one at once, lowest first; in a larger one that
   * takes longer: a belief, as AWS promises no order.
   */
  take(): string | undefined;
  release(address: string): void;
}

/** AWS reserves the first four addresses and the last one ("Subnet CIDR blocks", Amazon VPC User Guide). */
const RESERVED_AT_START = 4;
const RESERVED = 5;

const SMALL_PREFIX = 26;

const toNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** `cidr` must be between /16 and /28, as in AWS. */
export const createSubnet = (options: Pick<Subnet, "id" | "vpcId" | "zone" | "cidr" | "ipv6">): Subnet => {
  const [base = "", bits = "24"] = options.cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const usable = size - RESERVED;
  const isSmall = Number(bits) >= SMALL_PREFIX;
  const first = toNumber(base) + RESERVED_AT_START;
  const taken = new Set<string>();
  let next = 0;

  const take = (): string | undefined => {
    if (isSmall) next = 0;
    for (let tried = 0; tried < usable; tried += 1) {
      const address = toAddress(first + next);
      next = (next + 1) % usable;
      if (taken.has(address)) continue;
      taken.add(address);
      return address;
    }
    return undefined;
  };

  return { ...options, free: () => usable - taken.size, take, release: (address) => void taken.delete(address) };
};
