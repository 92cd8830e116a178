/** Follows an unmanaged instance: how the cloud-controller-manager treats it, based on the simulated EC2. */
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

export interface UnmanagedHistory {
  readonly instanceId: string;
  /** The node when it was first seen, when it was initialized, and after its instance was stopped and started again. */
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

/** Records each node as it was first seen. */
const recordFirst = ({ kube }: Real) => {
  const first = new Map<string, NodeObject>();
  const stop = kube.store.subscribe("nodes", ({ object }) => {
    if (!first.has(object.metadata.name)) first.set(object.metadata.name, object as NodeObject);
  });
  return { first, stop };
};

/** Launches, stops, starts and terminates the instance; waits each time until its node reflects that. */
export const followUnmanaged = async (real: Real): Promise<UnmanagedHistory> => {
  const ec2 = ec2ByHand(real);
  const { first, stop } = recordFirst(real);
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
    const initialized = await reach("the unmanaged instance's node is initialized", isUp);
    await ec2.send(new StopInstancesCommand({ InstanceIds }));
    const stopped = await reach("the unmanaged instance's node has the shutdown taint", (found) =>
      hasTaint(found, SHUTDOWN),
    );
    await ec2.send(new StartInstancesCommand({ InstanceIds }));
    const isBack = (found: NodeObject) => readiness(found) === "True" && !hasTaint(found, SHUTDOWN);
    const startedAgain = await reach("the unmanaged instance's node is Ready again", isBack);
    await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    await until(real, "the unmanaged instance's node is gone", () => node() === undefined, 40_000);
    const registered = first.get(initialized.metadata.name) ?? initialized;
    return { instanceId, registered, initialized, stopped, startedAgain };
  } finally {
    stop();
    ec2.destroy();
  }
};
