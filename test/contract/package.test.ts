/** The package as another project uses it: packed, installed outside of the repository, type-checked, and synthesized from there. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../infra/create-app.ts";
import { ROOT } from "../../infra/functions.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { run } from "./run-program.ts";

const BUILD_LIMIT_MS = 300_000;
const PEERS = ["aws-cdk-lib", "constructs"];

/** Another project's app. */
const APP = `
import { App, CfnOutput, Stack } from "aws-cdk-lib";
import { type ClusterProps, Stratos, StratosSite } from "stratos";

const clusters: ClusterProps[] = [{ name: "blue", nodeRoles: ["my-node-role"] }, { name: "green", kmsKeys: ["alias/nodes"] }];
const app = new App({ outdir: "assembly" });
const stack = new Stack(app, "Stratos");
const stratos = new Stratos(stack, "Stratos", { clusters, deletionProtection: false });
new CfnOutput(stack, "Bus", { value: stratos.bus.eventBusArn });
const env = { account: "222222222222", region: "eu-west-1" };
const site = new StratosSite(new Stack(app, "Site", { env }), "Stratos", {
  clusters: [...clusters, { name: "theirs", ...env }],
  home: { account: "111111111111", region: "us-east-1" },
});
new CfnOutput(site, "Forwarder", { value: site.forwarderRoles.theirs?.roleArn ?? "" });
app.synth();
`;

const TSCONFIG = {
  compilerOptions: {
    module: "nodenext",
    target: "es2024",
    lib: ["es2024", "esnext.disposable"],
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: false,
  },
  include: ["app.ts"],
};

/** The feature flags of the CDK, which change the template. */
const { clusters: _, ...FLAGS } = JSON.parse(readFileSync(join(ROOT, "cdk.json"), "utf8")).context;

const succeed = async (program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const { code, stdout, stderr } = await run(program, args, env, BUILD_LIMIT_MS);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} exits with ${code}:\n${stdout}${stderr}`);
  return stdout;
};

describe("the package", () => {
  const project = temporaryFolder("project");

  beforeAll(async () => {
    const packed = JSON.parse(await succeed("npm", ["pack", ROOT, "--json", "--pack-destination", project]));
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(TSCONFIG));
    writeFileSync(join(project, "app.ts"), APP);
    // Its only dependencies are its peers, which the project has already.
    await succeed("npm", [
      "install",
      "--prefix",
      project,
      "--offline",
      "--legacy-peer-deps",
      join(project, packed[0].filename),
    ]);
    for (const name of PEERS) symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }, BUILD_LIMIT_MS);

  test("has types that hold without the sources", async () => {
    await succeed(join(ROOT, "node_modules/.bin/tsc"), ["-p", project]);
  });

  test("synthesizes the same resources in another project's stack as here, with the same bundles", async () => {
    const run = `process.chdir(${JSON.stringify(project)}); await import(${JSON.stringify(join(project, "app.ts"))});`;
    await succeed(process.execPath, ["--input-type=module", "-e", run], { CDK_CONTEXT_JSON: JSON.stringify(FLAGS) });
    const { Outputs, ...theirs } = JSON.parse(readFileSync(join(project, "assembly/Stratos.template.json"), "utf8"));
    const clusters = [
      { name: "blue", nodeRoles: ["my-node-role"] },
      { name: "green", kmsKeys: ["alias/nodes"] },
    ];
    const context = { ...FLAGS, clusters, deletionProtection: false };
    const here = createApp(join(ROOT, "dist/build/functions"), { context, outdir: temporaryFolder("assembly") });
    const ours = Template.fromStack(here.node.findChild("Stratos") as Stack).toJSON();
    expect(Object.keys(Outputs)).toEqual(["Bus"]);
    expect(theirs.Resources).toEqual(ours.Resources);
  });
});
