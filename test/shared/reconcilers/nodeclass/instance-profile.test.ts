import { describe, expect, test } from "vitest";
import {
  deleteInstanceProfile,
  profileName,
  resolveInstanceProfile,
} from "../../../../shared/reconcilers/nodeclass/instance-profile.ts";
import { aNodeClass, NOW } from "../../nodeclass/builders.ts";
import { createFakeResources, type FakeResources } from "./fake-node-class-client.ts";

const NAME = "stratos-my-cluster-workers";
const ARN = `arn:aws:iam::123456789012:instance-profile/${NAME}`;
/** IAM changes reach EC2 some seconds later. */
const SETTLING = { kind: "settling", reason: "Propagating" };
const withRole = (role: string) => aNodeClass({ spec: { iamInstanceProfile: undefined, role } });
const resolve = (resources: FakeResources, role = "node-role") =>
  resolveInstanceProfile(resources, "my-cluster", withRole(role), NOW);

describe("the profile's name", () => {
  test("contains cluster and class", () => {
    expect(profileName("my-cluster", "workers")).toBe(NAME);
  });

  test("never exceeds IAM's limit and stays unique for long names", () => {
    const [one, other] = ["a", "b"].map((end) => profileName("my-cluster", `${"x".repeat(250)}${end}`));
    expect(one).toHaveLength(128);
    expect(one).not.toBe(other);
  });
});

test("a class's iamInstanceProfile is used without a call to IAM", async () => {
  const resources = createFakeResources();
  resources.failing.add("readProfile");
  expect(await resolveInstanceProfile(resources, "my-cluster", aNodeClass(), NOW)).toEqual({
    kind: "resolved",
    value: "node",
  });
});

test("a role gets a profile, which is reused", async () => {
  const resources = createFakeResources();
  expect(await resolve(resources)).toMatchObject(SETTLING);
  expect(await resolve(resources)).toEqual({ kind: "resolved", value: NAME });
  expect([...resources.profiles]).toEqual([
    [
      NAME,
      {
        arn: ARN,
        createdAt: resources.now,
        roles: ["node-role"],
        tags: expect.objectContaining({ "managed-by": "stratos" }),
      },
    ],
  ]);
});

test("a profile is used only after the propagation time, however often it is reconciled before", async () => {
  const resources = createFakeResources();
  resources.now = NOW - 9_000;
  await resolve(resources);
  expect(await resolve(resources)).toMatchObject(SETTLING);
  Object.assign(resources.profiles.get(NAME) ?? {}, { createdAt: NOW - 10_000 });
  expect(await resolve(resources)).toEqual({ kind: "resolved", value: NAME });
});

test("a changed role replaces the first one", async () => {
  const resources = createFakeResources();
  resources.roles.add("new-role");
  await resolve(resources);
  expect(await resolve(resources, "new-role")).toMatchObject(SETTLING);
  expect(await resolve(resources, "new-role")).toEqual({ kind: "resolved", value: NAME });
  expect(resources.profiles.get(NAME)?.roles).toEqual(["new-role"]);
});

test("a role that does not exist is missing, and is used once it exists", async () => {
  const resources = createFakeResources();
  expect(await resolve(resources, "late-role")).toMatchObject({ kind: "missing", reason: "RoleNotFound" });
  resources.roles.add("late-role");
  expect(await resolve(resources, "late-role")).toMatchObject(SETTLING);
  expect(await resolve(resources, "late-role")).toEqual({ kind: "resolved", value: NAME });
});

test.each(["createProfile", "removeRole", "addRole"] as const)(
  "a failure of %s is repaired by the next run",
  async (call) => {
    const resources = createFakeResources();
    resources.roles.add("new-role");
    if (call !== "createProfile") await resolve(resources);
    resources.failing.add(call);
    const outcome = await resolve(resources, "new-role").catch(() => ({ kind: "failed", reason: "" }));
    expect(outcome).toMatchObject({ kind: "failed", reason: call === "createProfile" ? "" : "RoleUpdateFailed" });
    resources.failing.clear();
    expect(await resolve(resources, "new-role")).toMatchObject(SETTLING);
    expect(await resolve(resources, "new-role")).toEqual({ kind: "resolved", value: NAME });
    expect(resources.profiles.get(NAME)?.roles).toEqual(["new-role"]);
  },
);

test("a role that the functions may not pass is reported with the context to change", async () => {
  const resources = createFakeResources();
  resources.addRole = () => Promise.reject(new Error("not authorized to perform: iam:PassRole"));
  expect(await resolve(resources)).toMatchObject({
    kind: "failed",
    message: expect.stringMatching(/iam:PassRole; .* add node-role to nodeRoles$/),
  });
});

describe("a profile of the same name that belongs to something else", () => {
  const foreign = () => {
    const resources = createFakeResources();
    resources.profiles.set(NAME, { arn: ARN, createdAt: 0, roles: ["admin"], tags: {} });
    return resources;
  };

  test("is not used", async () => {
    expect(await resolve(foreign())).toMatchObject({ kind: "failed", message: expect.stringContaining(NAME) });
  });

  test("is neither changed nor deleted", async () => {
    const resources = foreign();
    await resolve(resources);
    await deleteInstanceProfile(resources, "my-cluster", "workers");
    expect(resources.profiles.get(NAME)).toEqual({ arn: ARN, createdAt: 0, roles: ["admin"], tags: {} });
  });
});

test("deletion removes the role first and is idempotent", async () => {
  const resources = createFakeResources();
  await resolve(resources);
  await deleteInstanceProfile(resources, "my-cluster", "workers");
  await deleteInstanceProfile(resources, "my-cluster", "workers");
  expect(resources.profiles.size).toBe(0);
});
