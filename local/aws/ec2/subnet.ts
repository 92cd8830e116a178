/** Subnets and their addresses. */
export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
  readonly cidr: string;
  /** How many addresses are free; a stopped instance keeps its own. */
  free(): number;
  /** Undefined if none is free. An address that was given back is the last to be given out again. */
  take(): string | undefined;
  giveBack(address: string): void;
}

/** AWS keeps the first four addresses and the last ("Subnet CIDR blocks", Amazon VPC User Guide). */
const RESERVED_LOW = 4;
const RESERVED = 5;

const toNumber = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");

/** `cidr` must be between /16 and /28, as in AWS. */
export const createSubnet = (options: Pick<Subnet, "id" | "vpcId" | "zone" | "cidr">): Subnet => {
  const [base = "", bits = "24"] = options.cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const usable = size - RESERVED;
  const first = toNumber(base) + RESERVED_LOW;
  const taken = new Set<string>();
  let next = 0;

  const take = (): string | undefined => {
    for (let tried = 0; tried < usable; tried += 1) {
      const address = toAddress(first + next);
      next = (next + 1) % usable;
      if (taken.has(address)) continue;
      taken.add(address);
      return address;
    }
    return undefined;
  };

  return { ...options, free: () => usable - taken.size, take, giveBack: (address) => void taken.delete(address) };
};
