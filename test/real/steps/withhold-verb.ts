/** The effect of a missing verb in a role, shown with a node class, which needs no instance. */
import { fileURLToPath } from "node:url";
import type { RoleName } from "../grants.ts";
import { CLASSES, type ClassObject, until } from "../reading.ts";
import type { Real } from "../stage.ts";

const QUICK_START_CLASS = fileURLToPath(new URL("../../../examples/quickstart/awsnodeclass.yaml", import.meta.url));

interface Rule {
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Removes a verb on a resource from a role; returns a function that restores the role. */
const removeVerb = async ({ kube }: Real, role: RoleName, verb: string, resource: string) => {
  const { rules }: { rules: Rule[] } = JSON.parse(await kube.kubectl(["get", "clusterrole", role, "-o", "json"]));
  const setRules = (changed: readonly Rule[]) =>
    kube.kubectl(["patch", "clusterrole", role, "--type=merge", "-p", JSON.stringify({ rules: changed })]);
  const without = rules.map((rule) =>
    rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((one) => one !== verb) } : rule,
  );
  await setRules(without.filter(({ verbs }) => verbs.length > 0));
  return () => setRules(rules);
};

const isReady = ({ kube }: Real): boolean =>
  kube.store
    .list<ClassObject>(CLASSES)
    .some(({ status }) => status?.conditions?.some((one) => one.type === "Ready" && one.status === "True"));

/**
 * Applies the quick start's node class while the functions may not write its status, and returns the error of the run. Then restores the verb
 * and waits until the class is Ready.
 */
export const withholdVerb = async (real: Real): Promise<string> => {
  const restore = await removeVerb(real, "stratos-class-functions", "patch", "awsnodeclasses/status");
  await real.kube.kubectl(["apply", "-f", QUICK_START_CLASS]);
  const failure = await until(real, "the class is Ready", () => isReady(real), 30_000).then(
    () => "",
    (error: Error) => error.message,
  );
  await restore();
  await real.until("the class is Ready after all", () => isReady(real), { withinMs: 60_000 });
  return failure;
};
