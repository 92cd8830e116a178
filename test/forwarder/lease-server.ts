import type { LeaseObject } from "../../forwarder/lease.ts";

/** One Lease object with the API server's optimistic lock. */
export const createLeaseServer = () => {
  let version = 1;
  let stored: LeaseObject = { metadata: { name: "stratos-forwarder", resourceVersion: "1" } };
  return {
    holder: () => stored.spec?.holderIdentity,
    read: () => structuredClone(stored),
    replace: (lease: LeaseObject) => {
      if (lease.metadata.resourceVersion !== stored.metadata.resourceVersion) throw new Error("409 Conflict");
      version += 1;
      stored = { ...structuredClone(lease), metadata: { name: lease.metadata.name, resourceVersion: `${version}` } };
      return structuredClone(stored);
    },
  };
};
