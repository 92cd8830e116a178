/** The life cycle of a deployment with the CDK CLI against moto: bootstrap, deploy, diff, destroy. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp } from "../../infra/create-app.ts";
import { FUNCTIONS_FOLDER } from "../../infra/functions.ts";
import { synthesize } from "../../infra/synth.ts";
import { readAssembly } from "../../local/aws/cloudformation/template.ts";
import { endpointAt } from "../contract/endpoint.ts";
import { startMoto } from "../contract/moto.ts";
import { requireProgram } from "../contract/run-program.ts";
import { type Account, openAccount } from "./account.ts";
import { ACCOUNT, type Cdk, createCdk, REGION } from "./cdk.ts";
import { type Comparison, compareStack } from "./compare.ts";
import { takeInventory } from "./left-over.ts";
import { type Finding, lint } from "./lint.ts";
import { type Adapted, adaptForMoto } from "./moto-assembly.ts";

export interface Rehearsal {
  readonly findings: readonly Finding[];
  /** The changes made for moto. */
  readonly changes: readonly string[];
  readonly comparison: Comparison;
  /** The output of `cdk diff` right after the deployment, and with one more cluster. */
  readonly diff: { readonly same: string; readonly moreClusters: string };
  /** What is left after `cdk destroy`: resources that the template retains, and others. */
  readonly left: { readonly kept: readonly string[]; readonly rest: readonly string[] };
}

/** The rehearsal destroys what it has deployed. */
const FOR_A_TRIAL = { deletionProtection: false };
const MORE_CLUSTERS = [{ name: "my-cluster" }, { name: "another-cluster" }];

/** The exit code of a diff that finds differences. */
const DIFFERENT = 1;

const synthesizeMoreClusters = (outdir: string): string => {
  createApp(FUNCTIONS_FOLDER, { outdir, context: { clusters: MORE_CLUSTERS, ...FOR_A_TRIAL } }).synth();
  return outdir;
};

interface Stage {
  readonly cdk: Cdk;
  readonly account: Account;
  readonly stackName: string;
  /** The deployed assembly, and the same with one more cluster. */
  readonly deployed: Adapted;
  readonly moreClusters: Adapted;
}

/** Logical IDs of the resources that outlive the stack. */
const retainedIn = ({ template }: Adapted): string[] =>
  Object.entries(template.Resources)
    .filter(([, resource]) => (resource as { DeletionPolicy?: string }).DeletionPolicy === "Retain")
    .map(([id]) => id);

const deployAndDestroy = async ({ cdk, account, stackName, deployed, moreClusters }: Stage) => {
  const inAssembly = ({ directory }: Adapted) => ["--app", directory];
  await cdk.run(["bootstrap", `aws://${ACCOUNT}/${REGION}`, ...inAssembly(deployed)]);
  const before = await takeInventory(account);
  await cdk.run(["deploy", stackName, ...inAssembly(deployed), "--require-approval", "never"]);
  const comparison = await compareStack(account, stackName, deployed.template);
  const diff = ["diff", stackName, "--fail", "--no-change-set"];
  const same = await cdk.run([...diff, ...inAssembly(deployed)]);
  const other = await cdk.run([...diff, ...inAssembly(moreClusters)], [DIFFERENT]);
  await cdk.run(["destroy", stackName, ...inAssembly(deployed), "--force"]);
  const left = (await takeInventory(account)).filter((one) => !before.includes(one));
  const retained = retainedIn(deployed);
  const isKept = (one: string) => retained.some((id) => one.includes(id));
  return {
    comparison,
    diff: { same: same.stdout + same.stderr, moreClusters: other.stdout + other.stderr },
    left: { kept: left.filter(isKept), rest: left.filter((one) => !isKept(one)) },
  };
};

/** Reports each step to `onStep`. Throws if a program is missing or a step fails. */
export const rehearse = async (onStep: (text: string) => void): Promise<Rehearsal> => {
  for (const program of ["aws", "cfn-lint"] as const) requireProgram(program);
  const folder = await mkdtemp(join(tmpdir(), "stratos-rehearsal-"));
  const moto = await startMoto();
  // The CDK prepends the bucket name to the host, which needs a host name.
  const client = endpointAt(moto.client.endpoint.replace("127.0.0.1", "localhost"));
  const [cdk, account] = [await createCdk(client.endpoint), openAccount(client)];
  try {
    onStep("synthesizing the stack, and with one more cluster");
    const assembly = await synthesize(FOR_A_TRIAL);
    const other = synthesizeMoreClusters(join(folder, "more"));
    const { stackName } = readAssembly(assembly);
    onStep("checking the template with cfn-lint");
    const findings = [...(await lint(assembly)), ...(await lint(other))];
    const deployed = adaptForMoto(assembly, join(folder, "deployed"));
    const moreClusters = adaptForMoto(other, join(folder, "more-deployed"));
    onStep("bootstrap, deploy, diff and destroy");
    const results = await deployAndDestroy({ cdk, account, stackName, deployed, moreClusters });
    return { findings, changes: deployed.changes, ...results };
  } finally {
    account.close();
    await Promise.all([cdk.stop(), moto.stop()]);
    await rm(folder, { recursive: true, force: true });
  }
};
