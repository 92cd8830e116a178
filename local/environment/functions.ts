import type { StackResource } from "../aws/cloudformation/deploy.ts";
import type { StackServices } from "../aws/cloudformation/resource.ts";
import type { Denial } from "../aws/iam/policy/authorizer.ts";
import type { Metric } from "../aws/lambda/emf.ts";
import type { KillPredicate } from "../aws/lambda/function.ts";
import type { LogLine } from "../aws/lambda/function-output.ts";
import type { Invocation } from "../aws/lambda/lambda.ts";

/** The functions by the names of their folders: `demand`, `pool`, `nodeclass`, `ec2-events`, `sweep`. */
export interface EnvironmentFunctions {
  names(): readonly string[];
  invoke(name: string, event: unknown): Promise<unknown>;
  /** The latest lines, oldest first. */
  logs(name: string): readonly LogLine[];
  /** The latest metrics of all functions, oldest first. */
  metrics(): readonly Metric[];
  /** The latest finished invocations of one function or of all, oldest first. */
  invocations(name?: string): readonly Invocation[];
  /** AWS calls that IAM denied. */
  denials(): readonly Denial[];
  /** The name of the function's IAM role. */
  role(name: string): string;
  /** The AWS actions that the function has performed, sorted. */
  used(name: string): readonly string[];
  /** Kills the function in the middle of every call that matches the predicate, until the returned function is called. */
  killWhen(name: string, predicate: KillPredicate): () => void;
  /** Lambda refuses the function's invocations for a time, as when the account's quota is used up. */
  throttle(name: string, forMs: number): void;
}

/** The function's short name: the service name in its logs without the `stratos-` prefix. */
const shortName = ({ properties, ref }: StackResource): string => {
  const { Variables } = (properties.Environment ?? {}) as { Variables?: Record<string, string> };
  return Variables?.POWERTOOLS_SERVICE_NAME?.replace(/^stratos-/, "") ?? ref;
};

/** `resources` are the stack's functions. */
export const viewFunctions = (
  resources: readonly StackResource[],
  { lambda, authorizer }: StackServices,
): EnvironmentFunctions => {
  const byName = new Map(resources.map((resource) => [shortName(resource), resource]));

  const find = (name: string): StackResource => {
    const resource = byName.get(name);
    if (!resource)
      throw new Error(`function: found ${JSON.stringify(name)}, allowed: ${[...byName.keys()].join(", ")}`);
    return resource;
  };

  const role = (name: string): string => lambda.roleOf(String(find(name).attributes?.Arn));

  return {
    names: () => [...byName.keys()],
    invoke: (name, event) => lambda.invoke(String(find(name).attributes?.Arn), event),
    logs: (name) => lambda.logs(find(name).ref),
    metrics: lambda.metrics,
    invocations: (name) => {
      const physicalName = name === undefined ? undefined : find(name).ref;
      return lambda
        .invocations()
        .filter(({ functionName }) => physicalName === undefined || functionName === physicalName);
    },
    denials: authorizer.denials,
    role,
    used: (name) => authorizer.usedBy(role(name)),
    killWhen: (name, predicate) => lambda.killWhen(find(name).ref, predicate),
    throttle: (name, forMs) => lambda.throttle(find(name).ref, forMs),
  };
};
