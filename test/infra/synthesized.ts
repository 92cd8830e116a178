import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { createApp } from "../../infra/create-app.ts";
import { FUNCTION_NAMES } from "../../infra/functions.ts";
import { temporaryFolder } from "../temporary-folder.ts";

/** Placeholder bundles: their content does not affect the template. */
export const bundlesFolder = (): string => {
  const folder = temporaryFolder("functions");
  for (const name of FUNCTION_NAMES) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "index.cjs"), "exports.handler = () => {};");
  }
  return folder;
};

/** `options` are other fields of the context. */
export const anApp = (clusters: unknown = [{ name: "my-cluster" }], options: object = {}): App =>
  createApp(bundlesFolder(), { context: { clusters, ...options }, outdir: temporaryFolder("assembly") });

export const synthesized = (clusters?: unknown, options?: object): Template => {
  const stack = anApp(clusters, options).node.findChild("Stratos");
  if (!Stack.isStack(stack)) throw new Error("Stratos is not a stack");
  return Template.fromStack(stack);
};

interface Statement {
  readonly Sid?: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The policy statements of the function `name`, whose role is found by its description. */
export const statementsOf = (template: Template, name: string): Statement[] => {
  const roles = template.findResources("AWS::IAM::Role", {
    Properties: { Description: `Permissions of the Stratos function ${name}` },
  });
  const [roleId] = Object.keys(roles);
  const policies = Object.values(template.findResources("AWS::IAM::Policy")).filter(({ Properties }) =>
    Properties.Roles.some((role: { Ref: string }) => role.Ref === roleId),
  );
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
};

export const actionsOf = ({ Action }: Statement): string[] => [Action].flat();
