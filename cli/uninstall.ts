/** `npm run uninstall -- --check --cluster <name>`: says whether Stratos may be removed from a cluster. It changes nothing. */
import { parseArgs } from "node:util";
import { EC2Client } from "@aws-sdk/client-ec2";
import { KubeConfig } from "@kubernetes/client-node";
import { findLeftOver } from "./left-over.ts";

const USAGE = `npm run uninstall -- --check --cluster <name> [--context <kubeconfig context>] [--region <region>]

Exits with 1 and names what is left, while NodePools, AWSNodeClasses, their nodes or managed instances exist. Removing itself are the steps of
docs/deploy.md#removing-it.
`;

const readArguments = () => {
  const text = { type: "string" } as const;
  const options = { check: { type: "boolean" }, cluster: text, context: text, region: text } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    return {};
  }
};

/** Returns the exit code. */
const main = async (): Promise<number> => {
  const { check, cluster, context, region } = readArguments();
  if (!check || !cluster) {
    process.stderr.write(USAGE);
    return 2;
  }
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromDefault();
  if (context) kubeConfig.setCurrentContext(context);
  const left = await findLeftOver({ kubeConfig, ec2: new EC2Client({ region }), cluster });
  if (left.length === 0) {
    process.stdout.write(`nothing of Stratos is left in cluster ${cluster}: it may be removed\n`);
    return 0;
  }
  const lines = left.map((line) => `  ${line}\n`).join("");
  process.stderr.write(`Stratos must not be removed yet from cluster ${cluster}. Only its functions remove:\n${lines}`);
  process.stderr.write(
    "Delete the NodePools, then the AWSNodeClasses, and wait until they are gone: docs/deploy.md#removing-it\n",
  );
  return 1;
};

process.exitCode = await main();
