import type { CreateResource } from "./resource.ts";
import { createAccessEntry, createPodIdentityAssociation } from "./resources/eks.ts";
import { createEventInvokeConfig } from "./resources/event-invoke-config.ts";
import { createEventSourceMapping } from "./resources/event-source-mapping.ts";
import { createEventBus, createEventBusPolicy, createRule } from "./resources/events.ts";
import { createFunction } from "./resources/function.ts";
import { createPolicy, createRole } from "./resources/iam.ts";
import { INERT } from "./resources/inert.ts";
import { createPermission } from "./resources/permission.ts";
import { createQueue, createQueuePolicy } from "./resources/queue.ts";
import { createTable } from "./resources/table.ts";

/** The resource types that the simulated cloud can create. */
export const RESOURCE_TYPES: Readonly<Record<string, CreateResource>> = {
  "AWS::DynamoDB::Table": createTable,
  "AWS::EKS::AccessEntry": createAccessEntry,
  "AWS::EKS::PodIdentityAssociation": createPodIdentityAssociation,
  "AWS::Events::EventBus": createEventBus,
  "AWS::Events::EventBusPolicy": createEventBusPolicy,
  "AWS::Events::Rule": createRule,
  "AWS::IAM::ManagedPolicy": createPolicy,
  "AWS::IAM::Policy": createPolicy,
  "AWS::IAM::Role": createRole,
  "AWS::Lambda::EventInvokeConfig": createEventInvokeConfig,
  "AWS::Lambda::EventSourceMapping": createEventSourceMapping,
  "AWS::Lambda::Function": createFunction,
  "AWS::Lambda::Permission": createPermission,
  "AWS::SQS::Queue": createQueue,
  "AWS::SQS::QueuePolicy": createQueuePolicy,
  ...INERT,
};
