/** What can go wrong with a node class, how it is reported, and recovery once the cause is gone. */
import { describe, expect, it } from "vitest";
import type { Template } from "../../local/aws/cloudformation/template.ts";
import type { Image } from "../../local/aws/ec2/catalog/image.ts";
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
  isSettled,
  MINUTE,
  ONE_INSTANCE,
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
const IMAGE = "ami-0123456789abcdef0";
const KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const PROFILE = "stratos-my-cluster-workers";

const nodeClass = ({ kube }: Environment) => kube.store.get<ClassObject>(CLASS, "workers");

const classCondition = (environment: Environment, type: string) =>
  nodeClass(environment)?.status?.conditions?.find((candidate) => candidate.type === type);

/** Applies the quick start's class and pool with changes to their specs. */
const applyQuickStart = async (
  environment: Environment,
  ofClass: object,
  ofPool: object = ONE_INSTANCE,
): Promise<void> => {
  const changed = (path: string, changes: object) =>
    example(path).map((object) => ({ ...object, spec: { ...(object.spec as object), ...changes } }));
  await apply(environment, [
    ...changed("quickstart/awsnodeclass.yaml", ofClass),
    ...changed("quickstart/nodepool.yaml", ofPool),
  ]);
};

const change = (environment: Environment, path: string, spec: object) =>
  environment.kube.client.patch(path, "merge", { spec });

const untilMessage = (environment: Environment, type: string, message: RegExp) =>
  environment.until(
    `the class's condition ${type} says ${message}`,
    () => message.test(classCondition(environment, type)?.message ?? ""),
    { withinMs: 10 * MINUTE },
  );

const untilStandby = (environment: Environment, count = 1) =>
  environment.until(`${count} are standby`, () => isSettled(environment, count), { withinMs: 20 * MINUTE });

const messagesOf = ({ kube }: Environment, reason: string) =>
  kube.store.list<EventObject>("events").flatMap((event) => (event.reason === reason ? event.message : []));

/** Changes the image of the quick start; undefined deregisters it. */
const changeImage = ({ ec2 }: Environment, change: Partial<Image> | undefined): void => {
  const { images } = ec2.world;
  const image = images.get(IMAGE);
  if (change && image) images.set(IMAGE, { ...image, ...change });
  else images.delete(IMAGE);
};

describe("nothing is launched while", () => {
  it("a subnet does not exist or is in another VPC than the groups, and everything is once neither is so", async () => {
    const environment = await startStratos();
    await applyQuickStart(environment, { subnetIds: ["subnet-late"] });
    await untilMessage(environment, "SubnetsReady", /no such subnet: subnet-late/);
    const isDegraded = () => condition(environment, "Degraded") === "True NodeClassNotReady";
    await environment.until("the pool is degraded, too", isDegraded, { withinMs: MINUTE });
    expect(messagesOf(environment, "ResolutionFailed")).toContain("no such subnet: subnet-late");
    expect(callsOf(environment, "RunInstances")).toEqual([]);

    const { region, subnets, vpcs } = environment.ec2.world;
    const [vpcId = ""] = vpcs.keys();
    const addSubnet = (vpc: string) => {
      const subnet = { id: "subnet-late", vpcId: vpc, zone: `${region}a`, cidr: "10.0.64.0/24" };
      subnets.set("subnet-late", createSubnet(subnet));
    };
    addSubnet("vpc-0ther");
    const both = new RegExp(`subnet-late is in vpc-0ther, but sg-12345678 is in ${vpcId}`);
    await untilMessage(environment, "Valid", both);
    expect(classCondition(environment, "Valid")).toMatchObject({ status: "False", reason: "ValidationFailed" });
    expect(callsOf(environment, "RunInstances")).toEqual([]);
    addSubnet(vpcId);
    await untilStandby(environment);
    expect(condition(environment, "Degraded")).toBe("False AsExpected");
  });

  it("a type is misspelt or cannot run the image, and everything is once that is fixed, although the image is deprecated", async () => {
    const environment = await startStratos();
    await applyQuickStart(environment, { instanceType: "m5.larg" });
    await untilMessage(environment, "Valid", /spec\.instanceType is m5\.larg, which EC2 does not offer/);
    await change(environment, CLASS_PATH, { instanceType: "m7g.large" });
    await untilMessage(environment, "Valid", /m7g\.large, which runs arm64.* for x86_64/);
    expect(classCondition(environment, "Valid")).toMatchObject({ status: "False", reason: "ValidationFailed" });
    const isDegraded = () => condition(environment, "Degraded") === "True NodeClassNotReady";
    await environment.until("the pool is degraded, too", isDegraded, { withinMs: MINUTE });
    expect(callsOf(environment, "RunInstances")).toEqual([]);
    await change(environment, CLASS_PATH, { instanceType: "m5.large" });
    changeImage(environment, { deprecatedAt: environment.clock.now() });
    await untilStandby(environment);
    expect(classCondition(environment, "Valid")?.status).toBe("True");
    expect(messagesOf(environment, "ImageDeprecated").join()).toMatch(
      /^image ami-0123456789abcdef0 has been deprecated since \S+: it is still launched/,
    );
  });

  it("the subnets have too few addresses for minStandby, and everything is once minStandby is lower", async () => {
    const environment = await startStratos();
    const { region, subnets, vpcs } = environment.ec2.world;
    const [vpcId = ""] = vpcs.keys();
    subnets.set("subnet-5a11", createSubnet({ id: "subnet-5a11", vpcId, zone: `${region}a`, cidr: "10.0.64.0/28" }));
    await applyQuickStart(environment, { subnetIds: ["subnet-5a11"] }, { poolSize: 20, minStandby: 12 });
    await untilMessage(environment, "Valid", /11 free addresses for 12 instances .*spec\.minStandby is 12, 0 exist/);
    expect(callsOf(environment, "RunInstances")).toEqual([]);
    await change(environment, POOL_PATH, { minStandby: 1 });
    await untilStandby(environment);
    expect(messagesOf(environment, "AddressesLow").join()).toMatch(/subnet-5a11 \(us-east-1a\) has \d+/);
  });
});

describe("a role", () => {
  it("gets an instance profile that is used once EC2 sees it, follows the role, and is deleted with the class", async () => {
    const environment = await startStratos();
    const { profiles } = environment.ec2.world.profiles;
    await applyQuickStart(environment, { iamInstanceProfile: undefined, role: "node-role" });
    await untilMessage(environment, "InstanceProfileReady", /was created or changed seconds ago/);
    expect(callsOf(environment, "RunInstances")).toEqual([]);
    await untilStandby(environment);
    expect(environment.ec2.calls().filter(({ action, error }) => action === "RunInstances" && error)).toEqual([]);

    await change(environment, CLASS_PATH, { role: "not-a-node-role" });
    await untilMessage(
      environment,
      "Ready",
      /setting role not-a-node-role on instance profile \S+: AccessDenied.*not authorized to perform: iam:PassRole/,
    );
    await change(environment, CLASS_PATH, { role: "stratos-my-cluster-late" });
    await untilMessage(environment, "InstanceProfileReady", /IAM role stratos-my-cluster-late does not exist/);
    await change(environment, CLASS_PATH, { role: "node-role" });
    await environment.until("the class is Ready", () => classCondition(environment, "Ready")?.status === "True", {
      withinMs: 10 * MINUTE,
    });
    expect(profiles.get(PROFILE)?.role?.name).toBe("node-role");

    await environment.kube.client.delete(POOL_PATH);
    await environment.kube.client.delete(CLASS_PATH);
    await environment.until("the class is gone", () => nodeClass(environment) === undefined, { withinMs: 10 * MINUTE });
    expect(profiles.has(PROFILE)).toBe(false);
    expect(instancesByState(environment)).toEqual({});
  });
});

describe("a class in use", () => {
  it("keeps its resolved values while EC2 fails, reports a deregistered image, and is deleted only after its pools, which it names", async () => {
    const environment = await startStratos();
    await applyQuickStart(environment, {});
    await untilStandby(environment);
    environment.ec2.faults.failNext("DescribeImages", { code: "RequestLimitExceeded", status: 503, times: 8 });
    await environment.until("the failure is reported", () => messagesOf(environment, "ResolutionFailed").length > 0, {
      withinMs: 10 * MINUTE,
    });
    expect(classCondition(environment, "Ready")?.status).toBe("True");
    expect(condition(environment, "Degraded")).toBe("False AsExpected");

    changeImage(environment, undefined);
    // Looks at once instead of at the next refresh.
    await change(environment, CLASS_PATH, { tags: { team: "ci" } });
    await untilMessage(environment, "AMIReady", /image ami-0123456789abcdef0 is not available: .*was deregistered/);
    const isDegraded = () => condition(environment, "Degraded") === "True NodeClassNotReady";
    await environment.until("the pool is degraded", isDegraded, { withinMs: MINUTE });
    expect(instancesByState(environment)).toEqual({ stopped: 1 });

    await environment.kube.client.delete(CLASS_PATH);
    const isBlocked = () => messagesOf(environment, "DeletionBlocked").length > 0;
    await environment.until("the class names what blocks it", isBlocked, { withinMs: MINUTE });
    expect(messagesOf(environment, "DeletionBlocked")).toEqual([
      "deletion waits until NodePools workers no longer use it",
    ]);
    expect(instancesByState(environment)).toEqual({ stopped: 1 });
    await environment.kube.client.delete(POOL_PATH);
    const isGone = () => nodeClass(environment) === undefined && pool(environment) === undefined;
    await environment.until("both are gone", isGone, { withinMs: 10 * MINUTE });
    expect(instancesByState(environment)).toEqual({});
  });
});

/** The template with the statement of a deployment's owner that lets the functions use the account's keys. */
const withKeys = (template: Template): Template =>
  JSON.parse(JSON.stringify(template), (key, value) =>
    key === "PolicyDocument"
      ? { ...value, Statement: [...value.Statement, { Effect: "Allow", Action: "kms:*", Resource: "*" }] }
      : value,
  );

it("tenancy, placement group, capacity reservation, and volumes with their key reach EC2", async () => {
  const environment = await startStratos({ changeTemplate: withKeys });
  environment.ec2.world.placementGroups.add("training");
  environment.ec2.world.capacityReservations.add("cr-0123456789abcdef0");
  const root = {
    deviceName: "/dev/xvda",
    volumeSize: 40,
    volumeType: "gp3",
    iops: 4000,
    throughput: 250,
    encrypted: true,
    kmsKeyId: KEY,
  };
  await applyQuickStart(environment, {
    tenancy: "dedicated",
    placementGroup: "training",
    capacityReservation: { id: "cr-0123456789abcdef0" },
    hibernation: true,
    blockDeviceMappings: [root],
    tags: { team: "ci", "stratos.sh/pool": "someone-elses" },
  });
  await untilStandby(environment);
  for (const instance of environment.ec2.world.instances.all()) {
    expect(instance).toMatchObject({
      hibernation: true,
      placement: { tenancy: "dedicated", groupName: "training", reservation: { id: "cr-0123456789abcdef0" } },
      volumes: [{ sizeGiB: 40, type: "gp3", iops: 4000, throughput: 250, encrypted: true, keyArn: KEY }],
    });
    const { tags } = environment.ec2.world;
    expect(tags.of(instance.id)).toMatchObject({ team: "ci", "stratos.sh/pool": "workers" });
    expect(tags.of(instance.volumes[0]?.id ?? "")).toMatchObject({ team: "ci", "stratos.sh/pool": "workers" });
  }
});
