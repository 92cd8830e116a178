/** Deploys a synthesized stack to the simulated cloud, as CloudFormation does to AWS. */
import type { Place } from "../gateway/service.ts";
import { creationOrder } from "./creation-order.ts";
import { NO_VALUE, resolveIntrinsics, type Scope } from "./intrinsics.ts";
import type { CreatedResource, ResourceRequest, StackServices } from "./resource.ts";
import { RESOURCE_TYPES } from "./resource-types.ts";
import type { Assembly, Template } from "./template.ts";

export interface StackResource extends CreatedResource {
  readonly logicalId: string;
  readonly type: string;
  /** With intrinsic functions resolved. */
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface Stack {
  /** The created resources, optionally of one type, in creation order. */
  resources(type?: string): readonly StackResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  stop(): void;
}

const pseudoParameters = (stackName: string, { account, region }: Place): Readonly<Record<string, unknown>> => ({
  "AWS::AccountId": account,
  "AWS::Region": region,
  "AWS::Partition": "aws",
  "AWS::URLSuffix": "amazonaws.com",
  "AWS::StackName": stackName,
  "AWS::StackId": `arn:aws:cloudformation:${region}:${account}:stack/${stackName}/embedded`,
  "AWS::NoValue": NO_VALUE,
});

const createScope = (
  { stackName, template }: Assembly,
  place: Place,
  created: ReadonlyMap<string, StackResource>,
): Scope => {
  const pseudo = pseudoParameters(stackName, place);
  const scope: Scope = {
    ref: (name) => pseudo[name] ?? template.Parameters?.[name]?.Default ?? created.get(name)?.ref,
    getAtt: (logicalId, attribute) => {
      const value = created.get(logicalId)?.attributes?.[attribute];
      if (value === undefined) throw new Error(`Fn::GetAtt: ${logicalId} has no attribute ${attribute}`);
      return value;
    },
    condition: (name) => {
      const condition = template.Conditions?.[name];
      if (condition === undefined) throw new Error(`condition ${name} does not exist`);
      return resolveIntrinsics(condition, scope) === true;
    },
    mapping: (map, first, second) => {
      const value = template.Mappings?.[map]?.[first]?.[second];
      if (value === undefined) throw new Error(`Fn::FindInMap: ${map}.${first}.${second} does not exist`);
      return value;
    },
    zones: (region) => ["a", "b", "c"].map((zone) => `${region || place.region}${zone}`),
  };
  return scope;
};

const assertSupported = (template: Template) => {
  const types = Object.values(template.Resources).map(({ Type }) => Type);
  const unknown = [...new Set(types.filter((type) => !RESOURCE_TYPES[type]))];
  if (unknown.length > 0) throw new Error(`the simulated cloud cannot create ${unknown.join(", ")}`);
};

/** Creates the stack's resources in dependency order. Throws, naming the resource, on anything unsupported. */
export const deployStack = async (assembly: Assembly, services: StackServices): Promise<Stack> => {
  const { stackName, template, directory } = assembly;
  assertSupported(template);
  const created = new Map<string, StackResource>();
  const scope = createScope(assembly, services, created);
  const stops: (() => void)[] = [];

  const create = async (logicalId: string): Promise<void> => {
    const resource = template.Resources[logicalId];
    const make = resource && RESOURCE_TYPES[resource.Type];
    if (!make || (resource.Condition !== undefined && !scope.condition(resource.Condition))) return;
    const properties = resolveIntrinsics(resource.Properties ?? {}, scope) as Record<string, unknown>;
    const metadata = resource.Metadata ?? {};
    const onStop = (stop: () => void) => void stops.push(stop);
    const request: ResourceRequest = {
      logicalId,
      properties,
      metadata,
      stackName,
      assemblyDirectory: directory,
      onStop,
    };
    created.set(logicalId, { ...(await make(request, services)), logicalId, type: resource.Type, properties });
  };

  for (const logicalId of creationOrder(template.Resources)) {
    await create(logicalId).catch((error: unknown) => {
      const type = template.Resources[logicalId]?.Type;
      throw new Error(`creating ${logicalId} (${type}): ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    });
  }
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, { Condition }]) => Condition === undefined || scope.condition(Condition))
    .map(([name, { Value }]) => [name, resolveIntrinsics(Value, scope)]);
  return {
    resources: (type) => [...created.values()].filter((resource) => type === undefined || resource.type === type),
    outputs: Object.fromEntries(outputs),
    stop: () => {
      for (const stop of stops) stop();
    },
  };
};
