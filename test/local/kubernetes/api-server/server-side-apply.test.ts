import { describe, expect, test } from "vitest";
import { APPLY, type Api, MERGE, startApi } from "./api-client.ts";
import { aNodePool, applyDefinitions, NODE_POOLS } from "./objects.ts";

const POOL = `${NODE_POOLS}/a`;
const nodeClassRef = { kind: "AWSNodeClass", name: "a" };

const setup = async () => {
  const api = await startApi();
  await applyDefinitions(api);
  return api;
};

const apply = ({ call }: Api, manager: string, spec: object, force = false) =>
  call(
    "PATCH",
    `${POOL}?fieldManager=${manager}&force=${force}`,
    { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", metadata: { name: "a" }, spec },
    { type: APPLY },
  );

describe("server-side apply", () => {
  test("creates a missing object, and changes nothing when repeated", async () => {
    const api = await setup();
    const first = await apply(api, "me", aNodePool("a").spec);
    const second = await apply(api, "me", aNodePool("a").spec);
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
  });

  test("removes fields that the manager applied before but omits now", async () => {
    const api = await setup();
    const taints = [
      { key: "t1", effect: "NoSchedule" },
      { key: "t2", effect: "NoSchedule" },
    ];
    await apply(api, "me", { ...aNodePool("a").spec, template: { nodeClassRef, labels: { a: "1", b: "2" }, taints } });
    const { body } = await apply(api, "me", {
      ...aNodePool("a").spec,
      template: { nodeClassRef, labels: { a: "1" }, taints: [{ key: "t2", effect: "NoSchedule", value: "v" }] },
    });
    expect(body.spec.template).toMatchObject({
      labels: { a: "1" },
      taints: [{ key: "t2", effect: "NoSchedule", value: "v" }],
    });
    expect(body.spec.template.labels).not.toHaveProperty("b");
  });

  test("conflicts on a field of another manager, and takes it with force", async () => {
    const api = await setup();
    await apply(api, "me", aNodePool("a").spec);
    const conflict = await apply(api, "you", { poolSize: 7 });
    expect(conflict.status).toBe(409);
    expect(conflict.body.message).toBe('Apply failed with 1 conflict: conflict with "me": .spec.poolSize');
    const forced = await apply(api, "you", { poolSize: 7 }, true);
    expect(forced.body.spec.poolSize).toBe(7);
    const owners = forced.body.metadata.managedFields as { manager: string; fieldsV1: { "f:spec": object } }[];
    expect(owners.map(({ manager, fieldsV1 }) => [manager, "f:poolSize" in fieldsV1["f:spec"]])).toEqual([
      ["me", false],
      ["you", true],
    ]);
  });

  test("conflicts with fields changed by an update", async () => {
    const api = await setup();
    await apply(api, "me", aNodePool("a").spec);
    await api.call("PATCH", `${POOL}?fieldManager=editor`, { spec: { poolSize: 8, minStandby: 2 } }, { type: MERGE });
    const { body } = await apply(api, "me", aNodePool("a").spec);
    expect(body.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "editor" using stratos.sh/v1alpha1:\n- .spec.minStandby\n- .spec.poolSize',
    );
  });

  test("keeps items of other managers at their positions between the applied items", async () => {
    const api = await setup();
    const taint = (key: string) => ({ key, effect: "NoSchedule" });
    const taints = async (manager: string, ...keys: string[]) => {
      const template = { nodeClassRef, taints: keys.map(taint) };
      const { body } = await apply(api, manager, { ...aNodePool("a").spec, template });
      return body.spec.template.taints.map(({ key }: { key: string }) => key);
    };
    expect(await taints("me", "b", "d")).toEqual(["b", "d"]);
    expect(await taints("you", "c", "d")).toEqual(["b", "c", "d"]);
    expect(await taints("you", "d", "b", "e")).toEqual(["d", "b", "e"]);
  });

  test("keeps the ten latest update managers", async () => {
    const api = await setup();
    await apply(api, "me", aNodePool("a").spec);
    for (let count = 10; count < 22; count += 1) {
      const patch = { metadata: { labels: { [`label-${count}`]: "x" } } };
      await api.call("PATCH", `${POOL}?fieldManager=editor-${count}`, patch, { type: MERGE });
    }
    const { body } = await api.call("GET", POOL);
    const managers = body.metadata.managedFields.map(({ manager }: { manager: string }) => manager);
    expect(managers).toHaveLength(11);
    expect([managers[0], managers.at(-1)]).toEqual(["me", "editor-21"]);
  });

  test("requires a field manager", async () => {
    const { call } = await setup();
    const { status, body } = await call("PATCH", POOL, aNodePool("a"), { type: APPLY });
    expect([status, body.details.causes[0].field]).toEqual([422, "fieldManager"]);
  });
});
