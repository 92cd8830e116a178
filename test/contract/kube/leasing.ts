import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../forwarder/clock.ts";
import { createKubeApi } from "../../../forwarder/kube-api.ts";
import { contendForLease, type LeaseApi } from "../../../forwarder/lease.ts";
import { createLeaseApi } from "../../../forwarder/lease-api.ts";
import { ROOT } from "../../../infra/functions.ts";
import { readManifests } from "../../../local/environment/manifests.ts";
import { type Calls, callsTo } from "./calls.ts";
import { type Cluster, eventually, type Suite } from "./cluster.ts";

const NAMESPACE = "stratos-system";
const NAME = "stratos-forwarder";
const LEASES = `/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases`;
const RBAC = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

/** What a process sees of a network that has been cut. */
const rejectedOnceAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

/** The forwarder's lease with its own role, as the manifests have it, for a user who may do nothing else. */
export const describeLeasing: Suite = (implementation, connect) => {
  describe(`The forwarder's lease in ${implementation}`, () => {
    let admin: Calls;
    let own: Calls;
    let api: LeaseApi;

    beforeAll(async () => {
      const cluster: Cluster = await connect();
      const token = cluster.tokenOf("nobody");
      admin = callsTo(cluster);
      own = callsTo({ ...cluster, token });
      await admin.create("/api/v1/namespaces", { metadata: { name: NAMESPACE } });
      const manifests = readManifests(join(ROOT, "forwarder/manifests"));
      const find = (kind: string) => manifests.find((object) => object.kind === kind) ?? {};
      await admin.create(LEASES, find("Lease"));
      await admin.create(`${RBAC}/roles`, find("Role"));
      const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "nobody" }];
      await admin.create(`${RBAC}/rolebindings`, { ...find("RoleBinding"), subjects });
      await eventually(
        "the role to take effect",
        async () => (await own.get(`${LEASES}/${NAME}`)).status === 200 || undefined,
      );
      const kubeConfig = new KubeConfig();
      const caData = Buffer.from(cluster.ca).toString("base64");
      kubeConfig.loadFromClusterAndUser(
        { name: "c", server: cluster.endpoint, caData, skipTLSVerify: false },
        { name: "u", token },
      );
      api = createLeaseApi(createKubeApi(kubeConfig, systemClock), NAMESPACE, NAME);
    });

    test("its role covers no other lease, and not its deletion", async () => {
      const { body } = await admin.get(`${LEASES}/${NAME}`);
      const other = { ...body, metadata: { name: "other" } };
      expect((await admin.create(LEASES, other)).status).toBe(201);
      const answers = [
        await own.get(LEASES),
        await own.get(`${LEASES}/other`),
        await own.replace(`${LEASES}/other`, other),
        await own.create(LEASES, { ...other, metadata: { name: "mine" } }),
        await own.delete(`${LEASES}/${NAME}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    });

    test("one of two holds it; the other follows when it dies, and gives it back when it stops", {
      timeout: 120_000,
    }, async () => {
      const contend = (identity: string) => {
        let isDead = false;
        const unlessDead = <T>(signal: AbortSignal, request: () => Promise<T>): Promise<T> =>
          isDead ? rejectedOnceAborted(signal) : request();
        const lease = contendForLease({
          api: {
            read: (signal) => unlessDead(signal, () => api.read(signal)),
            replace: (object, signal) => unlessDead(signal, () => api.replace(object, signal)),
          },
          clock: systemClock,
          random: Math.random,
          log: QUIET,
          identity,
          onAcquired: () => taken.push(`${identity}${others(lease).some(({ isHeld }) => isHeld()) ? " too" : ""}`),
          onLost: () => {},
        });
        leases.push(lease);
        return {
          lease,
          die: () => {
            isDead = true;
          },
        };
      };
      const taken: string[] = [];
      const leases: ReturnType<typeof contendForLease>[] = [];
      const others = (lease: (typeof leases)[number]) => leases.filter((candidate) => candidate !== lease);
      const first = contend("first");
      await eventually("the first to hold it", async () => first.lease.isHeld() || undefined);
      const second = contend("second");
      first.die();
      await eventually("the second to follow", async () => second.lease.isHeld() || undefined);
      expect(taken).toEqual(["first", "second"]);
      expect((await admin.get(`${LEASES}/${NAME}`)).body.spec).toMatchObject({
        holderIdentity: "second",
        leaseTransitions: 2,
      });
      await second.lease.stop();
      const { spec } = (await admin.get(`${LEASES}/${NAME}`)).body as { spec?: { holderIdentity?: string } };
      expect(spec?.holderIdentity ?? "").toBe("");
      await first.lease.stop();
    });
  });
};
