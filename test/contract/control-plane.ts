/** A real etcd and kube-apiserver on free loopback ports, with their own temporary directory. */
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ApiServer, request } from "./api-server.ts";
import { freePorts } from "./free-ports.ts";
import { startGuarded, waitUntil } from "./guarded-process.ts";
import { findProgram } from "./programs.ts";

/** Startup takes about 2 s; a busy machine needs longer. */
const START_LIMIT_MS = 60_000;

export interface Identity {
  readonly user: string;
  readonly groups: readonly string[];
}

export interface ControlPlane extends ApiServer {
  /** Scratch space for kubeconfigs, logs and keys; removed by `stop`. */
  readonly directory: string;
  readonly etcdEndpoint: string;
  /** The bearer token of one of the `identities` passed at the start. */
  tokenOf(user: string): string;
  stop(): Promise<void>;
}

/** The result's `token` is an administrator's; `moreFlags` go to the API server. Throws if a program is missing or not ready in time. */
export const startControlPlane = async (
  identities: readonly Identity[] = [],
  moreFlags: readonly string[] = [],
): Promise<ControlPlane> => {
  const programs = { etcd: findProgram("etcd"), apiServer: findProgram("kube-apiserver") };
  const directory = await mkdtemp(join(tmpdir(), "stratos-control-plane-"));
  const [client = 0, peer = 0, port = 0] = await freePorts(3);
  const etcdEndpoint = `http://127.0.0.1:${client}`;
  const tokens = await writeIdentities(directory, [{ user: "admin", groups: ["system:masters"] }, ...identities]);

  const etcd = startGuarded(programs.etcd, etcdArguments(directory, etcdEndpoint, peer), join(directory, "etcd.log"));
  const apiServer = startGuarded(
    programs.apiServer,
    [...apiServerArguments(directory, etcdEndpoint, port), ...moreFlags],
    join(directory, "apiserver.log"),
  );
  const stop = async () => {
    // An API server without its etcd does not end, so etcd is stopped last.
    await apiServer.stop();
    await etcd.stop();
    await rm(directory, { recursive: true, force: true });
  };
  const access = (): ApiServer => ({
    endpoint: `https://127.0.0.1:${port}`,
    ca: readFileSync(join(directory, "apiserver.crt"), "utf8"),
    token: tokens.get("admin") ?? "",
  });
  try {
    await waitUntil("starting the control plane", START_LIMIT_MS, [etcd, apiServer], () => isReady(access));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...access(), directory, etcdEndpoint, tokenOf: (user) => tokens.get(user) ?? "", stop };
};

const isReady = async (access: () => ApiServer): Promise<boolean> => {
  try {
    return (await request(access(), "GET", "/readyz")).status === 200;
  } catch {
    return false;
  }
};

const etcdArguments = (directory: string, client: string, peerPort: number): string[] => {
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    ...["--data-dir", join(directory, "etcd"), "--unsafe-no-fsync"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", `default=${peer}`],
  ];
};

const apiServerArguments = (directory: string, etcdEndpoint: string, port: number): string[] => [
  ...["--etcd-servers", etcdEndpoint, "--bind-address", "127.0.0.1", "--secure-port", String(port)],
  ...["--cert-dir", directory, "--token-auth-file", join(directory, "tokens.csv")],
  ...["--authorization-mode", "Node,RBAC", "--allow-privileged"],
  ...["--service-account-issuer", "https://kubernetes.default.svc"],
  ...["--service-account-key-file", join(directory, "sa.pub")],
  ...["--service-account-signing-key-file", join(directory, "sa.key")],
  ...["--service-cluster-ip-range", "10.96.0.0/16", "--disable-admission-plugins", "ServiceAccount"],
];

const writeIdentities = async (directory: string, identities: readonly Identity[]): Promise<Map<string, string>> => {
  const tokens = new Map(identities.map(({ user }) => [user, randomUUID()]));
  const lines = identities.map(({ user, groups }) => `${tokens.get(user)},${user},${user},"${groups.join(",")}"\n`);
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await writeFile(join(directory, "tokens.csv"), lines.join(""), { mode: 0o600 });
  await writeFile(join(directory, "sa.pub"), key.publicKey.export({ type: "spki", format: "pem" }));
  await writeFile(join(directory, "sa.key"), key.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  return tokens;
};
