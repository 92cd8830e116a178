/** An instance that Stratos has nothing to do with: what the cloud-controller-manager makes of it, by our EC2's word. */
import {
  type EC2Client,
  RunInstancesCommand,
  StartInstancesCommand,
  StopInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { ec2ByHand } from "../ec2-by-hand.ts";
import {
  hasTaint,
  instanceOf,
  type NodeObject,
  nodeNamed,
  readiness,
  SHUTDOWN,
  UNINITIALIZED,
  until,
} from "../reading.ts";
import type { Real } from "../stage.ts";

const USER_DATA = "#!/bin/bash\n/etc/eks/bootstrap.sh my-cluster --kubelet-extra-args '--node-labels=team=alone'\n";

export interface AloneStory {
  readonly instanceId: string;
  /** Of the node: when first seen, initialized, its instance stopped, started again, and the last before it was deleted. */
  readonly registered: NodeObject;
  readonly initialized: NodeObject;
  readonly stopped: NodeObject;
  readonly startedAgain: NodeObject;
}

const launch = async (ec2: EC2Client): Promise<string> => {
  const { Instances } = await ec2.send(
    new RunInstancesCommand({
      ImageId: "ami-0123456789abcdef0",
      InstanceType: "m5.large",
      SubnetId: "subnet-12345678",
      MinCount: 1,
      MaxCount: 1,
      UserData: Buffer.from(USER_DATA).toString("base64"),
    }),
  );
  return Instances?.[0]?.InstanceId ?? "";
};

/** Each node as it was first seen. */
const rememberFirst = ({ kube }: Real) => {
  const first = new Map<string, NodeObject>();
  const stop = kube.store.subscribe("nodes", ({ object }) => {
    if (!first.has(object.metadata.name)) first.set(object.metadata.name, object as NodeObject);
  });
  return { first, stop };
};

/** Launches, stops, starts and terminates it; waits each time until its node has followed. */
export const followAlone = async (real: Real): Promise<AloneStory> => {
  const ec2 = ec2ByHand(real);
  const { first, stop } = rememberFirst(real);
  try {
    const instanceId = await launch(ec2);
    const InstanceIds = [instanceId];
    const name = () => [...first.values()].find((node) => instanceOf(node) === instanceId)?.metadata.name;
    const node = () => nodeNamed(real, name());
    const reach = async (description: string, isTrue: (found: NodeObject) => boolean): Promise<NodeObject> => {
      const reached = () => {
        const found = node();
        return found !== undefined && isTrue(found);
      };
      await until(real, description, reached, 40_000);
      return node() as NodeObject;
    };

    const isUp = (found: NodeObject) => readiness(found) === "True" && !hasTaint(found, UNINITIALIZED);
    const initialized = await reach("the lone instance's node is initialized", isUp);
    await ec2.send(new StopInstancesCommand({ InstanceIds }));
    const stopped = await reach("the lone instance's node is marked as shut down", (found) =>
      hasTaint(found, SHUTDOWN),
    );
    await ec2.send(new StartInstancesCommand({ InstanceIds }));
    const isBack = (found: NodeObject) => readiness(found) === "True" && !hasTaint(found, SHUTDOWN);
    const startedAgain = await reach("the lone instance's node is back", isBack);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    await until(real, "the lone instance's node is gone", () => node() === undefined, 40_000);
    const registered = first.get(initialized.metadata.name) ?? initialized;
    return { instanceId, registered, initialized, stopped, startedAgain };
  } finally {
    stop();
    ec2.destroy();
  }
};
