import type { Action } from "../actions.ts";
import type { Rule } from "../rule.ts";
import { hasStartedSince, type Instance } from "../view.ts";

/** What EC2 shows may be from before the type was changed. */
const SETTLED_MS = 60_000;

/** The type of an instance that runs cannot change; that of a stopped one is on record before it is changed in EC2. */
const isSettled = (instance: Instance, now: number): boolean => {
  const { record, ec2 } = instance;
  if (record.state === "standby") return ec2?.state === "stopped" && now - record.stateSince >= SETTLED_MS;
  return record.state === "running" && ec2?.state === "running" && hasStartedSince(instance);
};

/** Records the instance type that EC2 shows: a change of type was given up after it had reached EC2, or somebody else changed the type. */
export const followInstanceType: Rule = ({ instances, now }) =>
  [...instances.standby, ...instances.running].flatMap((instance): Action[] => {
    const { record, ec2 } = instance;
    if (!ec2 || ec2.instanceType === record.instanceType || !isSettled(instance, now)) return [];
    return [{ kind: "updateRecord", instance, set: { instanceType: ec2.instanceType, resizedFrom: null } }];
  });
