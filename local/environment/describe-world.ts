/** Summarizes the state of everything in a few dozen lines, for the error of a wait that timed out. */

import type { Stack } from "../aws/cloudformation/deploy.ts";
import type { Machines } from "../aws/ec2/machines.ts";
import type { Sqs } from "../aws/sqs/sqs.ts";
import type { KubeObject } from "../kubernetes/api-server/store.ts";
import type { ObjectView } from "./cluster-side.ts";
import type { EnvironmentFunctions } from "./functions.ts";

export interface World {
  readonly store: ObjectView;
  readonly machines: Machines;
  readonly functions: EnvironmentFunctions;
  readonly sqs: Sqs;
  readonly stack: Stack;
  readonly crashes: readonly unknown[];
  readonly forwarderLogs: readonly string[];
}

interface AnyObject extends KubeObject {
  spec?: { nodeName?: string; unschedulable?: boolean; taints?: { key: string }[] };
  status?: { phase?: string; conditions?: { type: string; status: string; reason?: string }[] };
}

const LINES_SHOWN = 12;

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : [`── ${title}`, ...lines.map((line) => `   ${line}`)];

const conditions = ({ status }: AnyObject) =>
  (status?.conditions ?? [])
    .map(({ type, status: value, reason }) => `${type}=${value}${reason ? `/${reason}` : ""}`)
    .join(" ");

const describeNode = (node: AnyObject) =>
  [
    node.metadata.name,
    node.metadata.labels?.["stratos.sh/state"] ?? "(no state)",
    node.spec?.unschedulable ? "cordoned" : "",
    `taints: ${(node.spec?.taints ?? []).map(({ key }) => key).join(",")}`,
    conditions(node),
  ].join(" ");

/** The latest errors and warnings. */
const problemLines = (lines: readonly string[]): readonly string[] => {
  const problems = lines.filter((line) => /"level":"(ERROR|WARN)"|Error/.test(line) && !line.includes('"_aws"'));
  return problems.slice(-LINES_SHOWN);
};

export const describeWorld = ({ store, machines, functions, sqs, stack, crashes, forwarderLogs }: World): string => {
  const pods = store.list<AnyObject>("pods");
  const queues = stack.resources("AWS::SQS::Queue").map(({ logicalId, attributes }) => {
    const { visible, delayed, inFlight } = sqs.depth(String(attributes?.Arn));
    return {
      line: `${logicalId}: ${visible} visible, ${delayed} delayed, ${inFlight} in flight`,
      filled: visible + inFlight > 0,
    };
  });
  const denials = functions.denials().map(({ roleName, action, resource }) => `${roleName}: ${action} on ${resource}`);
  return [
    ...section(
      "pools",
      store
        .list<AnyObject>("nodepools.stratos.sh")
        .map((pool) => `${pool.metadata.name} ${JSON.stringify(pool.status)}`),
    ),
    ...section(
      "node classes",
      store
        .list<AnyObject>("awsnodeclasses.stratos.sh")
        .map((nodeClass) => `${nodeClass.metadata.name} ${conditions(nodeClass)}`),
    ),
    ...section(
      "instances",
      machines
        .list()
        .map(({ instanceId, state, zone, tags }) => `${instanceId} ${state} ${zone} ${tags["stratos.sh/state"] ?? ""}`),
    ),
    ...section("nodes", store.list<AnyObject>("nodes").map(describeNode)),
    ...section(
      "pods",
      pods
        .slice(0, LINES_SHOWN)
        .map(({ metadata, spec, status }) => `${metadata.name} ${status?.phase} ${spec?.nodeName ?? "-"}`),
    ),
    ...section(
      "queues",
      queues.filter(({ filled }) => filled).map(({ line }) => line),
    ),
    ...section("denied", [...new Set(denials)].slice(0, LINES_SHOWN)),
    ...functions
      .names()
      .flatMap((name) => section(`log of ${name}`, problemLines(functions.logs(name).map(({ text }) => text)))),
    ...section("log of the forwarder", problemLines(forwarderLogs)),
    ...section("crashes of the simulated cloud", crashes.map(String)),
  ].join("\n");
};
