/** What the functions and the forwarder have used of their permissions, in AWS and in the cluster, over all end-to-end tests. */
import { randomUUID } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../infra/functions.ts";
import { FORWARDER_USER } from "../../local/environment/run-forwarder.ts";
import type { Environment } from "../../local/environment/start.ts";
import { grantName } from "../real/grants.ts";

/** By function, or `forwarder`: `ec2:StartInstances` in AWS, `patch nodes` in the cluster. */
export type PermissionUse = Readonly<Record<string, readonly string[]>>;

/** Tests run in several processes; each environment leaves a file. */
const FOLDER = join(ROOT, "build/permission-use");

export const forgetPermissionUse = (): void => rmSync(FOLDER, { recursive: true, force: true });

const inCluster = ({ kube, functions }: Environment, name: string): string[] => {
  const isBy = (user: string) =>
    name === "forwarder" ? user === FORWARDER_USER : user.includes(`:assumed-role/${functions.role(name)}/`);
  return kube.audit
    .entries()
    .filter(({ user, code }) => code !== 403 && isBy(user))
    .flatMap(({ verb, group = "", plural, subresource }) =>
      verb && plural ? grantName(verb, group, subresource ? `${plural}/${subresource}` : plural) : [],
    );
};

/** Called before an environment stops. */
export const savePermissionUse = (environment: Environment): void => {
  const { functions } = environment;
  const use: Record<string, readonly string[]> = { forwarder: inCluster(environment, "forwarder") };
  for (const name of functions.names()) use[name] = [...functions.used(name), ...inCluster(environment, name)];
  const unique = Object.fromEntries(Object.entries(use).map(([name, used]) => [name, [...new Set(used)]]));
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, `${randomUUID()}.json`), JSON.stringify(unique));
};

/** The union over all environments since `forgetPermissionUse`. */
export const readPermissionUse = (): PermissionUse => {
  const union: Record<string, string[]> = {};
  for (const file of readdirSync(FOLDER)) {
    const use = JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as PermissionUse;
    for (const [name, used] of Object.entries(use))
      union[name] = [...new Set([...(union[name] ?? []), ...used])].sort();
  }
  return union;
};
