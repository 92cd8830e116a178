/** The simulated cluster in this process: requests go to the API server's handlers directly, without HTTP. */
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Machines } from "../../local/aws/ec2/machines.ts";
import type { Clock } from "../../local/clock.ts";
import { MASTERS } from "../../local/kubernetes/api-server/access/identity.ts";
import { createBootstrapObjects } from "../../local/kubernetes/api-server/bootstrap-objects.ts";
import { finalizeDeletedContainers } from "../../local/kubernetes/api-server/controllers/finalize.ts";
import { collectGarbage } from "../../local/kubernetes/api-server/controllers/garbage-collector.ts";
import { createStore, timestamp, type VersionedStore } from "../../local/kubernetes/api-server/create-store.ts";
import { establish } from "../../local/kubernetes/api-server/custom/establish.ts";
import { VERSION } from "../../local/kubernetes/api-server/discovery.ts";
import { createWebhooks, type Webhook } from "../../local/kubernetes/api-server/faults/webhooks.ts";
import { createRegistry } from "../../local/kubernetes/api-server/registry.ts";
import { answer } from "../../local/kubernetes/api-server/requests/answer.ts";
import type { ResourceRequest } from "../../local/kubernetes/api-server/requests/context.ts";
import { createPages } from "../../local/kubernetes/api-server/requests/pages.ts";
import { targetOf } from "../../local/kubernetes/api-server/requests/target.ts";
import { KubeFailure, type KubeObject } from "../../local/kubernetes/api-server/store.ts";
import { type Cluster, startCluster } from "../../local/kubernetes/cluster.ts";
import { EBS_CSI } from "../../local/kubernetes/kubelet/node-profile.ts";
import type { NetworkProfile } from "../../local/kubernetes/network/network.ts";
import { KubeError } from "../../shared/kube/client.ts";
import type { Random } from "./random.ts";

export const CLUSTER = "my-cluster";

export interface KubeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly contentType?: string;
  readonly accept?: string;
  readonly body?: unknown;
}

export interface SimulatedKube {
  readonly store: VersionedStore;
  readonly nodeFaults: Cluster["faults"];
  /** Puts a webhook in; the returned function ends it. */
  webhook(webhook: Webhook): () => void;
  /** Carries out a request at once and returns the response's body. Throws a KubeError. */
  execute(request: KubeRequest): unknown;
}

export interface SimulatedKubeOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly machines: Machines;
  readonly network: NetworkProfile;
  readonly hasVolumes: boolean;
}

const DEFINITIONS: readonly KubeObject[] = ["nodepools", "awsnodeclasses"].map((name) =>
  parse(readFileSync(new URL(`../../crds/${name}.yaml`, import.meta.url), "utf8")),
);

/** The API server's ids, which decide about nothing, need no stream of their own. */
const define = (store: VersionedStore, now: number): void => {
  for (const definition of DEFINITIONS) {
    const object = structuredClone(definition);
    establish(object, timestamp(now));
    store.create("customresourcedefinitions.apiextensions.k8s.io", object);
  }
};

const toKubeError = ({ code, reason, message, details }: KubeFailure): KubeError => {
  const { causes = [] } = (details ?? {}) as { readonly causes?: readonly { readonly reason: string }[] };
  return new KubeError(
    code,
    reason,
    message,
    causes.map((cause) => cause.reason),
  );
};

const EMPTY = Buffer.alloc(0);

export const createSimulatedKube = ({
  clock,
  random,
  machines,
  network,
  hasVolumes,
}: SimulatedKubeOptions): SimulatedKube => {
  const store = createStore({ clock, random });
  collectGarbage(store, clock);
  finalizeDeletedContainers(store, clock);
  const registry = createRegistry(store);
  createBootstrapObjects(store);
  define(store, clock.now());
  const { faults } = startCluster({
    ...{ clock, store, machines, network, random },
    clusterName: CLUSTER,
    nodes: { csiDrivers: hasVolumes ? [EBS_CSI] : [] },
  });
  const shared = { clock, store, registry, pages: createPages(), random, issueToken: () => "", isUntracked: true };
  const webhooks = createWebhooks();
  const identity = { user: "stratos", groups: [MASTERS] };

  const execute = ({ method, path, query = {}, contentType, accept, body }: KubeRequest): unknown => {
    if (path === "/version") return VERSION;
    const search = new URLSearchParams(query);
    const target = targetOf(method, path, search);
    const type = target && registry.find(target.group, target.version, target.plural);
    if (!target || !type) throw new KubeError(404, "NotFound", `${path} is not served`);
    const request: ResourceRequest = {
      cluster: shared,
      type,
      target,
      query: search,
      headers: {
        "user-agent": "stratos",
        accept: accept ?? "application/json",
        "content-type": contentType ?? "application/json",
      },
      body: body === undefined ? EMPTY : Buffer.from(JSON.stringify(body)),
      identity,
      mutate: () => {},
    };
    try {
      webhooks.deny(request);
      return answer(request).body;
    } catch (error) {
      throw error instanceof KubeFailure ? toKubeError(error) : error;
    }
  };
  return { store, nodeFaults: faults, webhook: webhooks.webhook, execute };
};
