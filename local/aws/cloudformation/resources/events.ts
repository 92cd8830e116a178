import type { Target } from "@aws-sdk/client-eventbridge";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";

/** AWS::Events::EventBus. */
export const createEventBus: CreateResource = (request, { events }) => {
  assertKnown(request, ["Name", "Description", "Policy", "Tags", "LogConfig"]);
  const name = text(request, "Name");
  const arn = events.createBus(name);
  return { ref: name, attributes: { Arn: arn, Name: name } };
};

/** AWS::Events::EventBusPolicy with one statement. */
export const createEventBusPolicy: CreateResource = (request, { events }) => {
  assertKnown(request, ["EventBusName", "StatementId", "Statement"]);
  const id = text(request, "StatementId");
  events.setPolicy(text(request, "EventBusName"), id, request.properties.Statement);
  return { ref: id };
};

/** AWS::Events::Rule. */
export const createRule: CreateResource = (request, { events }) => {
  assertKnown(request, [
    "Name",
    "Description",
    "EventBusName",
    "EventPattern",
    "ScheduleExpression",
    "State",
    "Targets",
    "Tags",
  ]);
  const { EventBusName, EventPattern, ScheduleExpression, State, Targets } = request.properties;
  const name = text(request, "Name", physicalName(request));
  const arn = events.putRule({
    name,
    busName: EventBusName === undefined ? undefined : text(request, "EventBusName").split("/").at(-1),
    pattern: EventPattern,
    schedule: ScheduleExpression === undefined ? undefined : text(request, "ScheduleExpression"),
    enabled: State !== "DISABLED",
    targets: (Targets ?? []) as Target[],
  });
  return { ref: EventBusName ? `${String(EventBusName)}|${name}` : name, attributes: { Arn: arn } };
};
