import { beforeAll, describe, expect, test } from "vitest";
import { type Calls, callsTo, type Reply } from "./calls.ts";
import { type Cluster, eventually, type Suite, WEBHOOK, type WebhookBehavior } from "./cluster.ts";
import { aConfigMap, CONFIG_MAPS, PODS } from "./objects.ts";

const denial = ({ text, ...more }: { readonly code: number; readonly reason?: string; readonly text: string }) => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: `admission webhook "${WEBHOOK}" denied the request: ${text}`,
  ...more,
});

const MANY = Array.from({ length: 20 }, (_, index) => index);

export const describeRefusing: Suite = (implementation, connect) => {
  describe(`Requests that ${implementation} refuses before they take effect`, () => {
    let cluster: Cluster;
    let calls: Calls;
    beforeAll(async () => {
      cluster = await connect();
      calls = callsTo(cluster);
      await calls.create(CONFIG_MAPS, aConfigMap("watched"));
    });

    const change = () => calls.patch(`${CONFIG_MAPS}/watched`, "merge", { data: { a: "2" } });

    /** The refusal of a change once the webhook is in force. */
    const refusalBy = async (behavior: WebhookBehavior): Promise<Reply> => {
      const end = await cluster.addWebhook(behavior);
      try {
        return await eventually("a refusal", async () => {
          const reply = await change();
          return reply.status === 200 ? undefined : reply;
        });
      } finally {
        await end();
      }
    };

    test("a webhook denies a request with its message", async () => {
      const { status, body } = await refusalBy({ deny: "not on a Friday", code: 403, reason: "Forbidden" });
      expect([status, body]).toEqual([403, denial({ code: 403, reason: "Forbidden", text: "not on a Friday" })]);
    });

    test.each([
      [undefined, 400],
      [429, 429],
    ])("a webhook that gives the code %s and no reason denies a request with %s", async (code, received) => {
      const { status, body } = await refusalBy({ deny: "slow down", ...(code !== undefined && { code }) });
      expect([status, body]).toEqual([received, denial({ code: received, text: "slow down" })]);
    });

    test("a webhook that does not answer fails a request", async () => {
      const { status, body } = await refusalBy("no answer");
      const cause = new RegExp(
        `failed calling webhook "${WEBHOOK}": failed to call webhook: Post "https://.*timeout=1s": context deadline exceeded$`,
      );
      expect([status, body]).toEqual([
        500,
        expect.objectContaining({
          reason: "InternalError",
          message: expect.stringMatching(new RegExp(`^Internal error occurred: ${cause.source}`)),
          details: { causes: [{ message: expect.stringMatching(cause) }] },
        }),
      ]);
    });

    test("a request of a missing object is answered before a webhook is asked", async () => {
      const end = await cluster.addWebhook({ deny: "never" });
      const { status } = await calls.patch(`${CONFIG_MAPS}/missing`, "merge", {});
      await end();
      expect(status).toBe(404);
    });

    test("an eviction that is throttled looks unlike one that a budget refuses", async () => {
      const nobody = callsTo({ ...cluster, token: cluster.tokenOf("nobody") });
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "p" } };
      const end = await cluster.throttleEvictions();
      const reply = await eventually("a rejection", async () => {
        // A priority level without seats still serves one request at a time.
        const replies = await Promise.all(MANY.map(() => nobody.create(`${PODS}/p/eviction`, eviction)));
        return replies.find(({ status }) => status !== 403);
      });
      await end();
      expect([reply.status, reply.body]).toEqual([429, "Too many requests, please try again later.\n"]);
      expect(reply.headers).toMatchObject({
        "retry-after": "1",
        "content-type": "text/plain; charset=utf-8",
        "x-content-type-options": "nosniff",
        "x-kubernetes-pf-flowschema-uid": expect.stringMatching(/^[0-9a-f-]{36}$/),
        "x-kubernetes-pf-prioritylevel-uid": expect.stringMatching(/^[0-9a-f-]{36}$/),
      });
    });
  });
};
