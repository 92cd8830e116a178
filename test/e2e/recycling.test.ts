import { expect, it } from "vitest";
import type { Environment } from "../../local/environment/start.ts";
import {
  apply,
  burstOf,
  burstPods,
  callsOf,
  eventsOf,
  isSettled,
  MINUTE,
  type NodeObject,
  QUICK_TO_STOP,
  quickStartWith,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const SPEC = { ...QUICK_TO_STOP, poolSize: 2, minStandby: 1, disruption: { maxReuses: 1 } };

const nodes = ({ kube }: Environment) => kube.store.list<NodeObject>("nodes");
const instanceOf = (node: NodeObject | undefined) => node?.metadata.labels?.["stratos.sh/instance-id"] ?? "";
const terminated = (environment: Environment) => callsOf(environment, "TerminateInstances").flatMap(({ ids }) => ids);

const untilSettled = (environment: Environment, terminations: number) =>
  environment.until(
    `${terminations} instances are terminated and one is standby`,
    () => terminated(environment).length === terminations && isSettled(environment, 1),
    { withinMs: 20 * MINUTE },
  );

it("a node that has served maxReuses times is replaced once it is empty, and standby that is annotated to be retired as well", async () => {
  const environment = await startStratos();
  await apply(environment, quickStartWith(SPEC));
  await untilSettled(environment, 0);
  await apply(environment, burstOf(1));
  await untilRunning(environment, 1);
  const [pod] = burstPods(environment);
  const used = instanceOf(nodes(environment).find(({ metadata }) => metadata.name === pod?.spec.nodeName));
  await environment.kube.client.delete("/apis/apps/v1/namespaces/default/deployments/burst");
  await untilSettled(environment, 1);
  expect(terminated(environment)).toEqual([used]);
  expect(eventsOf(environment, "ScaleDown").map(({ message }) => message)).toEqual([
    expect.stringMatching(/replacing it, because it has served 1 times \(disruption\.maxReuses\)$/),
  ]);

  const [standby] = nodes(environment).filter((node) => instanceOf(node) !== used);
  await environment.kube.client.patch(`/api/v1/nodes/${standby?.metadata.name}`, "merge", {
    metadata: { annotations: { "stratos.sh/retire": "" } },
  });
  await untilSettled(environment, 2);
  expect(terminated(environment)).toEqual([used, instanceOf(standby)]);
  expect(environment.functions.denials()).toEqual([]);
});
