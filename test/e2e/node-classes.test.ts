/** What goes wrong with a node class, how it shows, and that it mends itself once the cause is gone. */
import { describe, expect, it } from "vitest";
import { createSubnet } from "../../local/aws/ec2/subnet.ts";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import {
  apply,
  type Condition,
  callsOf,
  condition,
  example,
  instancesByState,
  isAtRest,
  MINUTE,
  pool,
  startStratos,
} from "./stratos.ts";

interface ClassObject extends KubeObject {
  status?: { conditions?: (Condition & { message: string })[] };
}

interface EventObject extends KubeObject {
  reason: string;
  message: string;
}

const CLASS = "awsnodeclasses.stratos.sh";
const CLASS_PATH = "/apis/stratos.sh/v1alpha1/awsnodeclasses/workers";
const POOL_PATH = "/apis/stratos.sh/v1alpha1/nodepools/workers";
const PROFILE = "stratos-my-cluster-workers";

const nodeClass = ({ kube }: Environment) => kube.store.get<ClassObject>(CLASS, "workers");

const classCondition = (embedded: Environment, type: string) =>
  nodeClass(embedded)?.status?.conditions?.find((candidate) => candidate.type === type);

/** The quick start's class and pool, with changes. */
const applyQuickStart = async (embedded: Environment, ofClass: object, ofPool: object = {}): Promise<void> => {
  const changed = (path: string, changes: object) =>
    example(path).map((object) => ({ ...object, spec: { ...(object.spec as object), ...changes } }));
  await apply(embedded, [
    ...changed("quickstart/awsnodeclass.yaml", ofClass),
    ...changed("quickstart/nodepool.yaml", ofPool),
  ]);
};

const change = (embedded: Environment, path: string, spec: object) =>
  embedded.kube.client.patch(path, "merge", { spec });

const untilSaid = (embedded: Environment, type: string, message: RegExp) =>
  embedded.until(
    `the class says ${type} ${message}`,
    () => message.test(classCondition(embedded, type)?.message ?? ""),
    { withinMs: 10 * MINUTE },
  );

const untilStandby = (embedded: Environment, count = 3) =>
  embedded.until(`${count} are standby`, () => isAtRest(embedded, count), { withinMs: 20 * MINUTE });

const told = ({ kube }: Environment, reason: string) =>
  kube.store.list<EventObject>("events").flatMap((event) => (event.reason === reason ? event.message : []));

describe("nothing is launched while", () => {
  it("a subnet does not exist, and all is once it does", async () => {
    const embedded = await startStratos();
    await applyQuickStart(embedded, { subnetIds: ["subnet-late"] });
    await untilSaid(embedded, "SubnetsReady", /no such subnet: subnet-late/);
    const isDegraded = () => condition(embedded, "Degraded") === "True NodeClassNotReady";
    await embedded.until("the pool says so, too", isDegraded, { withinMs: MINUTE });
    expect(told(embedded, "ResolutionFailed")).toContain("no such subnet: subnet-late");
    expect(callsOf(embedded, "RunInstances")).toEqual([]);

    const { region, subnets, vpcs } = embedded.ec2.world;
    const [vpcId = ""] = vpcs.keys();
    subnets.set("subnet-late", createSubnet({ id: "subnet-late", vpcId, zone: `${region}a`, cidr: "10.0.64.0/24" }));
    await untilStandby(embedded);
    expect(condition(embedded, "Degraded")).toBe("False AsExpected");
  });

  it.each([
    ["a type is misspelt", { instanceType: "m5.larg" }, /spec\.instanceType is m5\.larg, which EC2 does not offer/],
    ["a type cannot run the image", { instanceType: "m7g.large" }, /m7g\.large, which runs arm64.* for x86_64/],
  ])("%s, and all is once that is mended", async (_, ofClass, message) => {
    const embedded = await startStratos();
    await applyQuickStart(embedded, ofClass);
    await untilSaid(embedded, "Valid", message);
    expect(classCondition(embedded, "Valid")).toMatchObject({ status: "False", reason: "ValidationFailed" });
    const isDegraded = () => condition(embedded, "Degraded") === "True NodeClassNotReady";
    await embedded.until("the pool says so, too", isDegraded, { withinMs: MINUTE });
    expect(callsOf(embedded, "RunInstances")).toEqual([]);
    await change(embedded, CLASS_PATH, { instanceType: "m5.large" });
    await untilStandby(embedded);
    expect(classCondition(embedded, "Valid")?.status).toBe("True");
  });

  it("the subnets have no addresses for the standby that is wanted, and all is once less is wanted", async () => {
    const embedded = await startStratos();
    const { region, subnets, vpcs } = embedded.ec2.world;
    const [vpcId = ""] = vpcs.keys();
    subnets.set("subnet-5a11", createSubnet({ id: "subnet-5a11", vpcId, zone: `${region}a`, cidr: "10.0.64.0/28" }));
    await applyQuickStart(embedded, { subnetIds: ["subnet-5a11"] }, { poolSize: 20, minStandby: 12 });
    await untilSaid(embedded, "Valid", /11 free addresses for 12 instances .*spec\.minStandby is 12, 0 exist/);
    expect(callsOf(embedded, "RunInstances")).toEqual([]);
    await change(embedded, POOL_PATH, { minStandby: 3 });
    await untilStandby(embedded);
    expect(told(embedded, "AddressesLow").join()).toMatch(/subnet-5a11 \(us-east-1a\) has \d+ left/);
  });
});

describe("a role", () => {
  it("gets a profile that is waited for until EC2 sees it, is swapped, and goes with the class", async () => {
    const embedded = await startStratos();
    const { profiles } = embedded.ec2.world.profiles;
    await applyQuickStart(embedded, { iamInstanceProfile: undefined, role: "node-role" });
    await untilSaid(embedded, "InstanceProfileReady", /has just been made or given its role/);
    expect(callsOf(embedded, "RunInstances")).toEqual([]);
    await untilStandby(embedded);
    expect(embedded.ec2.calls().filter(({ action, error }) => action === "RunInstances" && error)).toEqual([]);

    await change(embedded, CLASS_PATH, { role: "not-a-node-role" });
    await untilSaid(embedded, "Ready", /role not-a-node-role: AccessDenied.*not authorized to perform: iam:PassRole/);
    await change(embedded, CLASS_PATH, { role: "stratos-my-cluster-late" });
    await untilSaid(embedded, "InstanceProfileReady", /there is no IAM role stratos-my-cluster-late/);
    await change(embedded, CLASS_PATH, { role: "node-role" });
    await embedded.until("the class is Ready", () => classCondition(embedded, "Ready")?.status === "True", {
      withinMs: 10 * MINUTE,
    });
    expect(profiles.get(PROFILE)?.role?.name).toBe("node-role");

    await embedded.kube.client.delete(POOL_PATH);
    await embedded.kube.client.delete(CLASS_PATH);
    await embedded.until("the class is gone", () => nodeClass(embedded) === undefined, { withinMs: 10 * MINUTE });
    expect(profiles.has(PROFILE)).toBe(false);
    expect(instancesByState(embedded)).toEqual({});
  });
});

describe("a class in use", () => {
  it("is deleted only after its pools, and says which hold it", async () => {
    const embedded = await startStratos();
    await applyQuickStart(embedded, {});
    await untilStandby(embedded);
    await embedded.kube.client.delete(CLASS_PATH);
    await embedded.until("it says what holds it", () => told(embedded, "DeletionBlocked").length > 0, {
      withinMs: MINUTE,
    });
    expect(told(embedded, "DeletionBlocked")).toEqual(["deleted once NodePools workers no longer refer to it"]);
    expect(instancesByState(embedded)).toEqual({ stopped: 3 });
    await embedded.kube.client.delete(POOL_PATH);
    const isGone = () => nodeClass(embedded) === undefined && pool(embedded) === undefined;
    await embedded.until("both are gone", isGone, { withinMs: 10 * MINUTE });
    expect(instancesByState(embedded)).toEqual({});
  });

  it("keeps what it was resolved to while EC2 does not answer", async () => {
    const embedded = await startStratos();
    await applyQuickStart(embedded, {});
    await untilStandby(embedded);
    embedded.ec2.faults.failNext("DescribeImages", { code: "RequestLimitExceeded", status: 503, times: 8 });
    await embedded.until("the failure is told", () => told(embedded, "ResolutionFailed").length > 0, {
      withinMs: 10 * MINUTE,
    });
    expect(classCondition(embedded, "Ready")?.status).toBe("True");
    expect(condition(embedded, "Degraded")).toBe("False AsExpected");
  });
});

it("tenancy, placement group, capacity reservation and volumes reach EC2", async () => {
  const embedded = await startStratos();
  embedded.ec2.world.placementGroups.add("training");
  embedded.ec2.world.capacityReservations.add("cr-0123456789abcdef0");
  const root = {
    deviceName: "/dev/xvda",
    volumeSize: 40,
    volumeType: "gp3",
    iops: 4000,
    throughput: 250,
    encrypted: true,
  };
  await applyQuickStart(embedded, {
    tenancy: "dedicated",
    placementGroup: "training",
    capacityReservation: { id: "cr-0123456789abcdef0" },
    hibernation: true,
    blockDeviceMappings: [root],
    tags: { team: "ci", "stratos.sh/pool": "somebody-elses" },
  });
  await untilStandby(embedded);
  for (const instance of embedded.ec2.world.instances.all()) {
    expect(instance).toMatchObject({
      hibernation: true,
      placement: { tenancy: "dedicated", groupName: "training", reservation: { id: "cr-0123456789abcdef0" } },
      volumes: [{ sizeGiB: 40, type: "gp3", iops: 4000, throughput: 250, encrypted: true }],
    });
    const { tags } = embedded.ec2.world;
    expect(tags.of(instance.id)).toMatchObject({ team: "ci", "stratos.sh/pool": "workers" });
    expect(tags.of(instance.volumes[0]?.id ?? "")).toMatchObject({ team: "ci", "stratos.sh/pool": "workers" });
  }
});
