import { describe, expect, test } from "vitest";
import {
  deleteInstanceProfile,
  profileName,
  resolveInstanceProfile,
} from "../../../../shared/reconcilers/nodeclass/instance-profile.ts";
import { aNodeClass, NOW } from "../../nodeclass/builders.ts";
import { createFakeCloud, type FakeCloud } from "./fake-node-class-client.ts";

const NAME = "stratos-my-cluster-workers";
/** EC2 sees what was just changed in IAM some seconds later. */
const SETTLING = { kind: "settling", reason: "Propagating" };
const withRole = (role: string) => aNodeClass({ spec: { iamInstanceProfile: undefined, role } });
const resolve = (cloud: FakeCloud, role = "node-role") =>
  resolveInstanceProfile(cloud, "my-cluster", withRole(role), NOW);

describe("its name", () => {
  test("is that of cluster and class", () => {
    expect(profileName("my-cluster", "workers")).toBe(NAME);
  });

  test("is never longer than IAM takes, and still tells long names apart", () => {
    const [one, other] = ["a", "b"].map((end) => profileName("my-cluster", `${"x".repeat(250)}${end}`));
    expect(one).toHaveLength(128);
    expect(one).not.toBe(other);
  });
});

test("a user's own profile is taken as it is, and IAM is not asked", async () => {
  const cloud = createFakeCloud();
  cloud.failing.add("readProfile");
  expect(await resolveInstanceProfile(cloud, "my-cluster", aNodeClass(), NOW)).toEqual({
    kind: "resolved",
    value: "node",
  });
});

test("a role gets a profile, which is kept", async () => {
  const cloud = createFakeCloud();
  expect(await resolve(cloud)).toMatchObject(SETTLING);
  expect(await resolve(cloud)).toEqual({ kind: "resolved", value: NAME });
  expect([...cloud.profiles]).toEqual([
    [NAME, { createdAt: cloud.now, roles: ["node-role"], tags: expect.objectContaining({ "managed-by": "stratos" }) }],
  ]);
});

test("a profile is used once EC2 is sure to see it, however often it is looked at before", async () => {
  const cloud = createFakeCloud();
  cloud.now = NOW - 9_000;
  await resolve(cloud);
  expect(await resolve(cloud)).toMatchObject(SETTLING);
  Object.assign(cloud.profiles.get(NAME) ?? {}, { createdAt: NOW - 10_000 });
  expect(await resolve(cloud)).toEqual({ kind: "resolved", value: NAME });
});

test("another role takes the place of the first", async () => {
  const cloud = createFakeCloud();
  cloud.roles.add("new-role");
  await resolve(cloud);
  expect(await resolve(cloud, "new-role")).toMatchObject(SETTLING);
  expect(await resolve(cloud, "new-role")).toEqual({ kind: "resolved", value: NAME });
  expect(cloud.profiles.get(NAME)?.roles).toEqual(["new-role"]);
});

test("a role that does not exist is found missing, and taken once it exists", async () => {
  const cloud = createFakeCloud();
  expect(await resolve(cloud, "late-role")).toMatchObject({ kind: "missing", reason: "RoleNotFound" });
  cloud.roles.add("late-role");
  expect(await resolve(cloud, "late-role")).toMatchObject(SETTLING);
  expect(await resolve(cloud, "late-role")).toEqual({ kind: "resolved", value: NAME });
});

test.each(["createProfile", "removeRole", "addRole"] as const)(
  "what %s interrupted is repaired by the next run",
  async (call) => {
    const cloud = createFakeCloud();
    cloud.roles.add("new-role");
    if (call !== "createProfile") await resolve(cloud);
    cloud.failing.add(call);
    const outcome = await resolve(cloud, "new-role").catch(() => ({ kind: "failed", reason: "" }));
    expect(outcome).toMatchObject({ kind: "failed", reason: call === "createProfile" ? "" : "RoleUpdateFailed" });
    cloud.failing.clear();
    expect(await resolve(cloud, "new-role")).toMatchObject(SETTLING);
    expect(await resolve(cloud, "new-role")).toEqual({ kind: "resolved", value: NAME });
    expect(cloud.profiles.get(NAME)?.roles).toEqual(["new-role"]);
  },
);

describe("a profile of the same name that is not the class's own", () => {
  const foreign = () => {
    const cloud = createFakeCloud();
    cloud.profiles.set(NAME, { createdAt: 0, roles: ["admin"], tags: {} });
    return cloud;
  };

  test("is not used", async () => {
    expect(await resolve(foreign())).toMatchObject({ kind: "failed", message: expect.stringContaining(NAME) });
  });

  test("is neither changed nor deleted", async () => {
    const cloud = foreign();
    await resolve(cloud);
    await deleteInstanceProfile(cloud, "my-cluster", "workers");
    expect(cloud.profiles.get(NAME)).toEqual({ createdAt: 0, roles: ["admin"], tags: {} });
  });
});

test("deleting takes the role out first, and may be repeated", async () => {
  const cloud = createFakeCloud();
  await resolve(cloud);
  await deleteInstanceProfile(cloud, "my-cluster", "workers");
  await deleteInstanceProfile(cloud, "my-cluster", "workers");
  expect(cloud.profiles.size).toBe(0);
});
