/** DescribeInstanceStatus (API reference). */

import { flag, texts } from "../../gateway/query-params.ts";
import { type Xml, xmlTime } from "../../gateway/query-xml.ts";
import type { Action } from "../call.ts";
import type { FilterFields } from "../filters.ts";
import type { Instance, ScheduledEvent, StatusCheck } from "../instance.ts";
import { paginate } from "../pages.ts";
import type { World } from "../world.ts";
import { FIELDS, PAGE, select } from "./describe-instances.ts";
import { renderState } from "./render-instance.ts";

/** How long after a start the status checks pass ("Status checks for your instances", Amazon EC2 User Guide). */
const INITIALIZING_MS = 120_000;

const checkOf = (world: World, { state, stateSince, impaired }: Instance, check: StatusCheck) => {
  if (state !== "running") return "not-applicable";
  if (impaired.has(check)) return "impaired";
  return world.clock.now() - stateSince >= INITIALIZING_MS ? "ok" : "initializing";
};

const REACHABILITY: Readonly<Record<string, string>> = {
  ok: "passed",
  impaired: "failed",
  initializing: "initializing",
};

const renderCheck = (world: World, instance: Instance, check: StatusCheck): Xml => {
  const status = checkOf(world, instance, check);
  const since = instance.impaired.get(check);
  const reachability = REACHABILITY[status];
  const impairedSince = status === "impaired" && since !== undefined ? xmlTime(since) : undefined;
  const details = reachability && [{ name: "reachability", status: reachability, impairedSince }];
  return { status, details };
};

const renderEvent = ({ id, code, notBefore, isOver }: ScheduledEvent): Xml => ({
  instanceEventId: id,
  code,
  description: `${isOver ? "[Completed] " : ""}The instance is running on degraded hardware`,
  notBefore: xmlTime(notBefore),
});

const renderStatus = (world: World, instance: Instance): Xml => ({
  instanceId: instance.id,
  availabilityZone: instance.zone,
  instanceState: renderState(instance.state),
  eventsSet: instance.events.length > 0 ? instance.events.map(renderEvent) : undefined,
  systemStatus: renderCheck(world, instance, "system"),
  instanceStatus: renderCheck(world, instance, "instance"),
});

const fieldsOf = (world: World): FilterFields<Instance> => ({
  ...FIELDS,
  "event.code": ({ events }) => events.map(({ code }) => code),
  "instance-status.status": (instance) => checkOf(world, instance, "instance"),
  "system-status.status": (instance) => checkOf(world, instance, "system"),
});

/** Returns running instances only, unless IncludeAllInstances is set. */
export const describeInstanceStatus: Action = (world, call) => {
  call.logIds(texts(call.params, "InstanceId"));
  const all = flag(call.params, "IncludeAllInstances");
  const found = select(world, call.params, fieldsOf(world)).filter(({ state }) => all || state === "running");
  const { items, nextToken } = paginate(call.params, found, PAGE);
  return { instanceStatusSet: items.map((instance) => renderStatus(world, instance)), nextToken };
};
