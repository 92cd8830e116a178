/** An API server that serves pods in pages made beforehand, in a thread of its own: neither its time nor its memory is measured. */
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { makeCertificate } from "../local/kubernetes/api-server/certificate.ts";
import { aPod } from "./reading.ts";

/** The numbers of objects in the cluster. */
export interface Contents {
  readonly nodes: number;
  readonly podsPerNode: number;
  readonly podsElsewhere: number;
}

/** How to reach the server. */
export interface Address {
  readonly endpoint: string;
  readonly ca: string;
}

export const nodeName = (index: number): string => `ip-10-0-${index >> 8}-${index & 255}.ec2.internal`;

const PAGE_SIZE = 500;
const STATUS = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-11-27T11:00:00Z" }],
  podIP: "10.0.0.1",
};

/** The pods of the pool's nodes are spread among the others, as in a list that is sorted by name. */
const podsOf = ({ nodes, podsPerNode, podsElsewhere }: Contents) => {
  const ours = nodes * podsPerNode;
  const step = Math.max(1, Math.round((ours + podsElsewhere) / ours));
  return Array.from({ length: ours + podsElsewhere }, (_, index) => {
    const node = index % step === 0 ? nodeName((index / step) % nodes) : `other-${index % 1000}`;
    return aPod(`pod-${index}`, index, { nodeName: node }, STATUS);
  });
};

const pagesOf = (contents: Contents): readonly string[] => {
  const pods = podsOf(contents);
  return Array.from({ length: Math.ceil(pods.length / PAGE_SIZE) }, (_, page) => {
    const end = (page + 1) * PAGE_SIZE;
    const metadata = end < pods.length ? { continue: String(page + 1) } : {};
    return JSON.stringify({ items: pods.slice(page * PAGE_SIZE, end), metadata });
  });
};

const serve = async (contents: Contents): Promise<Address> => {
  const pages = pagesOf(contents);
  const { cert, key } = await makeCertificate(Date.now());
  const server = createServer({ cert, key }, ({ url = "" }, response) => {
    const page = Number(new URL(url, "https://localhost").searchParams.get("continue") ?? 0);
    response.end(pages[page]);
  });
  await once(server.listen(0, "localhost"), "listening");
  return { endpoint: `https://localhost:${(server.address() as AddressInfo).port}`, ca: cert };
};

// Absent in the thread that imports only names.
if (parentPort) parentPort.postMessage(await serve(workerData as Contents));
