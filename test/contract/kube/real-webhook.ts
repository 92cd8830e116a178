import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { makeCertificate } from "../../../local/kubernetes/api-server/certificate.ts";
import { type ApiServer, request } from "../api-server.ts";
import { type End, WEBHOOK, type WebhookBehavior } from "./cluster.ts";

const CONFIGURATIONS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

const startServer = async (behavior: WebhookBehavior) => {
  const { key, cert } = await makeCertificate(Date.now());
  const server = createServer({ key, cert }, async (incoming, response) => {
    const review = (await json(incoming)) as { request: { uid: string } };
    if (behavior === "no answer") return;
    const { deny: message, ...more } = behavior;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(
      JSON.stringify({
        apiVersion: "admission.k8s.io/v1",
        kind: "AdmissionReview",
        response: { uid: review.request.uid, allowed: false, status: { message, ...more } },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, cert, port: (server.address() as AddressInfo).port };
};

/** Serves a webhook and registers it with a real API server. */
export const addRealWebhook = async (apiServer: ApiServer, behavior: WebhookBehavior): Promise<End> => {
  const { server, cert, port } = await startServer(behavior);
  const { status, body } = await request(apiServer, "POST", CONFIGURATIONS, {
    metadata: { name: WEBHOOK },
    webhooks: [
      {
        name: WEBHOOK,
        clientConfig: { url: `https://127.0.0.1:${port}/admit`, caBundle: Buffer.from(cert).toString("base64") },
        rules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["configmaps"], operations: ["UPDATE"] }],
        admissionReviewVersions: ["v1"],
        sideEffects: "None",
        timeoutSeconds: 1,
      },
    ],
  });
  if (status !== 201) throw new Error(`registering a webhook: ${JSON.stringify(body)}`);
  return async () => {
    await request(apiServer, "DELETE", `${CONFIGURATIONS}/${WEBHOOK}`);
    server.closeAllConnections();
    server.close();
  };
};
