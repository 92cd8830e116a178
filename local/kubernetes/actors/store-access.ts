import type { Store } from "../api-server/store.ts";
import type { NodeObject } from "../objects/objects.ts";
import type { NodeAccess } from "./people.ts";

/** Acts on the store of a simulated cluster. */
export const nodeAccess = (store: Store): NodeAccess => ({
  changeNode: (name, change) => void store.change<NodeObject>("nodes", name, undefined, change),
  deleteNode: (name) => store.remove("nodes", name),
});
