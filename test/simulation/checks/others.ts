/** Promise 12: what is not managed is never touched. */

import type { KubeRequest } from "../kube.ts";
import { type Command, nameOf } from "../sdk.ts";
import { isManaged } from "../state.ts";
import { FOREIGN_NODE } from "../world.ts";
import { type Check, describeCall } from "./check.ts";

interface Named {
  readonly InstanceIds?: readonly string[];
  readonly Resources?: readonly string[];
}

export const checkOthers: Check = (world, violate) => {
  world.hooks.beforeEc2.add((command: Command) => {
    if (nameOf(command).startsWith("Describe")) return;
    const { InstanceIds = [], Resources = [] } = command.input as Named;
    for (const id of [...InstanceIds, ...Resources])
      if (world.ec2.world.instances.get(id) && !isManaged(world, id))
        violate("12", `${describeCall(world.calls.current())} touches ${id}`);
  });
  world.hooks.beforeKube.add(({ method, path }: KubeRequest) => {
    if (method !== "GET" && path.endsWith(`/${FOREIGN_NODE}`))
      violate("12", `${describeCall(world.calls.current())} touches ${FOREIGN_NODE}`);
  });
};
