/** GetConsoleOutput and DescribeInstanceAttribute (API reference). */

import { requiredText } from "../../gateway/query-params.ts";
import { type Xml, xmlTime } from "../../gateway/query-xml.ts";
import type { ConditionContext } from "../../gateway/service.ts";
import type { Action, Ec2Call } from "../call.ts";
import { invalidValue } from "../errors.ts";
import type { Instance } from "../instance.ts";
import { ec2Arn } from "../launch/launch-permissions.ts";
import type { World } from "../world.ts";
import { instanceContext } from "./change-state.ts";

/** The instance that a call is about, if the caller may make it. */
export const authorizeOne = (world: World, call: Ec2Call, action: string, context: ConditionContext = {}): Instance => {
  const id = requiredText(call.params, "InstanceId");
  call.logIds([id]);
  const instance = world.instances.findOne(id);
  call.authorize(`ec2:${action}`, [ec2Arn(world, "instance", id)], { ...instanceContext(world, instance), ...context });
  call.proceed();
  return instance;
};

export const getConsoleOutput: Action = (world, call) => {
  const instance = authorizeOne(world, call, "GetConsoleOutput");
  return {
    instanceId: instance.id,
    timestamp: xmlTime(world.clock.now()),
    output: Buffer.from(instance.console.map((line) => `${line}\r\n`).join("")).toString("base64"),
  };
};

const ATTRIBUTES: Readonly<Record<string, (instance: Instance) => Xml>> = {
  disableApiStop: ({ stopProtected }) => ({ value: stopProtected }),
  disableApiTermination: ({ terminationProtected }) => ({ value: terminationProtected }),
  instanceInitiatedShutdownBehavior: ({ shutdownBehavior }) => ({ value: shutdownBehavior }),
  instanceType: ({ type }) => ({ value: type.name }),
  rootDeviceName: ({ rootDeviceName }) => ({ value: rootDeviceName }),
  userData: ({ userData }) => ({ value: userData || undefined }),
};

export const describeInstanceAttribute: Action = (world, call) => {
  const attribute = requiredText(call.params, "Attribute");
  const render = Object.hasOwn(ATTRIBUTES, attribute) ? ATTRIBUTES[attribute] : undefined;
  if (!render) throw invalidValue(`Value (${attribute}) for parameter attribute is invalid. Unknown attribute.`);
  const instance = authorizeOne(world, call, "DescribeInstanceAttribute");
  return { instanceId: instance.id, [attribute]: render(instance) };
};
