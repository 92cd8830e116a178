import {
  AddRoleToInstanceProfileCommand,
  CreateInstanceProfileCommand,
  DeleteInstanceProfileCommand,
  GetInstanceProfileCommand,
  RemoveRoleFromInstanceProfileCommand,
} from "@aws-sdk/client-iam";
import { beforeAll, describe, expect, test } from "vitest";
import { isNotFound } from "../../../shared/aws/errors.ts";
import { createNodeClassResources } from "../../../shared/aws/node-class-client.ts";
import type { NodeClassResources } from "../../../shared/aws/node-class-resources.ts";
import { documented } from "../documented.ts";
import { type Cloud, type Connect, GIVEN, type Implementation } from "./cloud.ts";

const [ROLE, OTHER_ROLE] = GIVEN.roles;
const TAGS = { "managed-by": "stratos", "stratos.sh/cluster": "my-cluster" };

export const describeProfiles = (implementation: Implementation, connect: Connect): void => {
  describe(`instance profiles on ${implementation}`, () => {
    let cloud: Cloud;
    let product: NodeClassResources;
    beforeAll(async () => {
      cloud = await connect();
      product = createNodeClassResources(cloud);
    });

    let profiles = 0;
    const aName = () => {
      profiles += 1;
      return `stratos-my-cluster-class-${profiles}`;
    };
    const send = {
      create: (InstanceProfileName: string) =>
        cloud.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName })),
      get: (InstanceProfileName: string) => cloud.iam.send(new GetInstanceProfileCommand({ InstanceProfileName })),
      add: (InstanceProfileName: string, RoleName: string) =>
        cloud.iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName, RoleName })),
      remove: (InstanceProfileName: string, RoleName: string) =>
        cloud.iam.send(new RemoveRoleFromInstanceProfileCommand({ InstanceProfileName, RoleName })),
      delete: (InstanceProfileName: string) =>
        cloud.iam.send(new DeleteInstanceProfileCommand({ InstanceProfileName })),
    };

    test("Stratos creates one with its tags, sets and replaces its role, and deletes it", async () => {
      const name = aName();
      expect(await product.readProfile(name)).toBeUndefined();
      await product.createProfile(name, TAGS);
      expect(await product.readProfile(name)).toEqual({
        arn: expect.stringMatching(new RegExp(`^arn:aws:iam::\\d{12}:instance-profile/${name}$`)),
        roles: [],
        tags: TAGS,
        createdAt: expect.any(Number),
      });
      expect(await product.addRole(name, "no-role")).toBe(false);
      expect(await product.addRole(name, ROLE)).toBe(true);
      await product.removeRole(name, ROLE);
      expect(await product.addRole(name, OTHER_ROLE)).toBe(true);
      expect(await product.readProfile(name)).toMatchObject({ roles: [OTHER_ROLE], tags: TAGS });
      await product.removeRole(name, OTHER_ROLE);
      await product.deleteProfile(name);
      await product.deleteProfile(name);
      expect(await product.readProfile(name)).toBeUndefined();
    });

    test("one has an ARN with its name, and shows its role", async () => {
      const name = aName();
      await send.create(name);
      await send.add(name, ROLE);
      const { InstanceProfile } = await send.get(name);
      expect(InstanceProfile?.Arn).toMatch(new RegExp(`^arn:aws:iam::\\d{12}:instance-profile/${name}$`));
      expect(InstanceProfile?.Roles).toMatchObject([
        { RoleName: ROLE, Arn: expect.stringMatching(/:role\/node-role$/) },
      ]);
    });

    test("a name can be used only once", async () => {
      const name = aName();
      await send.create(name);
      await expect(send.create(name)).rejects.toMatchObject({ name: "EntityAlreadyExistsException" });
    });

    test("one holds at most one role", async () => {
      const name = aName();
      await send.create(name);
      await send.add(name, ROLE);
      await expect(send.add(name, OTHER_ROLE)).rejects.toMatchObject({ name: "LimitExceededException" });
      expect(await product.readProfile(name)).toMatchObject({ roles: [ROLE] });
    });

    test("one with a role cannot be deleted", async () => {
      const name = aName();
      await send.create(name);
      await send.add(name, ROLE);
      await expect(send.delete(name)).rejects.toMatchObject({ name: "DeleteConflictException" });
      expect(await product.readProfile(name)).toMatchObject({ roles: [ROLE] });
    });

    documented(
      implementation,
      {
        name: "removing a role that it does not hold fails, which Stratos treats as success",
        source: `"RemoveRoleFromInstanceProfile", NoSuchEntity (AWS IAM API Reference)`,
        deviations: { moto: ["fails with an HTML page", /XML parse error/] },
      },
      async () => {
        const name = aName();
        await send.create(name);
        await expect(send.remove(name, ROLE)).rejects.toMatchObject({ name: "NoSuchEntityException" });
        await product.removeRole(name, ROLE);
      },
    );

    test.each([
      ["get", () => send.get("no-profile")],
      ["add a role to", () => send.add("no-profile", ROLE)],
      ["remove a role from", () => send.remove("no-profile", ROLE)],
      ["delete", () => send.delete("no-profile")],
    ])("an unknown one cannot be found: %s", async (_, call) => {
      const error = await call().catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: "NoSuchEntityException" });
      expect(isNotFound(error)).toBe(true);
    });
  });
};
