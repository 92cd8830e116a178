/** The end of a hostile world: whether the pool recovers from it. */
import { paths } from "../../../shared/kube/paths.ts";
import type { KubePod } from "../../../shared/model/kubernetes/objects.ts";
import { ANNOTATION, LABEL } from "../../../shared/model/names.ts";
import { somebody } from "./actors.ts";
import { LIVING } from "./fake-ec2.ts";
import { type HostileWorld, pass, podPath, reconcile } from "./hostile-world.ts";

const MINUTE = 60_000;

/** Everybody else stops acting and people undo what they did; then the pool has hours to recover. */
export const calm = async (hostile: HostileWorld): Promise<void> => {
  const { world, cordoned, relabelled } = hostile;
  world.interruptions.disarm();
  world.ec2.faults.failStarts([], "Client.InternalError");
  world.ec2.faults.failLaunches(0, "Server.InternalError");
  world.kube.protectedPods.clear();
  world.kube.change(paths.nodePool(world.pool), { spec: { maxNodeRuntime: null, poolSize: 4, minStandby: 2 } });
  if (hostile.tolerant) world.kube.objects.delete(podPath("tigera-operator"));
  hostile.tolerant = undefined;
  for (const node of relabelled)
    if (world.kube.at(paths.node(node))) somebody(world).label(node, LABEL.pool, world.pool);
  for (const node of cordoned) {
    world.kube.change(paths.node(node), { metadata: { annotations: { [ANNOTATION.hold]: null } } });
    if (world.kube.at(paths.node(node))) somebody(world).uncordon(node);
  }
  for (let passed = 0; passed < 120 * MINUTE; passed += MINUTE) {
    await reconcile(world, "demand");
    await reconcile(world, "pool");
    pass(hostile, MINUTE);
  }
};

/** Throws unless every pod runs and the rest of the pool is standby. */
export const expectRecovered = async ({ world, wanted }: HostileWorld): Promise<void> => {
  const problems: string[] = [];
  const running = new Set(world.ec2.inState("running").map(({ instanceId }) => `node-${instanceId}`));
  for (const name of wanted) {
    const node = world.kube.at<KubePod>(podPath(name))?.spec.nodeName;
    if (node === undefined || !running.has(node)) problems.push(`${name} is on ${node}`);
  }
  const records = await world.records();
  const count = (state: string) => records.filter((record) => record.state === state).length;
  const standby = Math.min(2, 4 - wanted.size);
  if (count("standby") < standby) problems.push(`${count("standby")} standby instead of ${standby}`);
  for (const state of ["warmup", "stopping", "terminating"])
    if (count(state) > 0) problems.push(`${count(state)} ${state}`);
  const known = new Set(records.map(({ instanceId }) => instanceId));
  const orphans = world.ec2.inState(...LIVING).filter(({ instanceId }) => !known.has(instanceId));
  if (orphans.length > 0) problems.push(`unknown: ${orphans.map(({ instanceId }) => instanceId).join()}`);
  if (problems.length > 0) throw new Error(`${problems.join("; ")}: ${JSON.stringify(records)}`);
};
