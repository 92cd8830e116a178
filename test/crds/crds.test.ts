import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { parseDuration } from "../../shared/model/api/duration.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Schema {
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly "x-kubernetes-validations"?: readonly { readonly rule: string; readonly message?: string }[];
}

const readYaml = (path: string) => parse(readFileSync(join(ROOT, path), "utf8"));
const schemaOf = (crd: string): Schema => readYaml(`crds/${crd}.yaml`).spec.versions[0].schema.openAPIV3Schema;

const schemasIn = (schema: Schema): Schema[] => [
  schema,
  ...[...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties].flatMap((part) =>
    part ? schemasIn(part) : [],
  ),
];

const check = (root: string) =>
  new Promise<{ code: number; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(root, "crds/generate.ts"), "--check"], (error, _, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stderr }),
    );
  });

test("the generated types and field references match the CRDs", async () => {
  expect(await check(ROOT)).toEqual({ code: 0, stderr: "" });
});

test("outdated generated files fail the check, with the command that updates them", async () => {
  const root = await mkdtemp(join(tmpdir(), "stratos-crds-"));
  onTestFinished(() => rm(root, { recursive: true }));
  await cp(join(ROOT, "crds"), join(root, "crds"), { recursive: true });
  await cp(join(ROOT, "shared/model/api"), join(root, "shared/model/api"), { recursive: true });
  await cp(join(ROOT, "docs/reference"), join(root, "docs/reference"), { recursive: true });
  await cp(join(ROOT, "package.json"), join(root, "package.json"));
  await symlink(join(ROOT, "node_modules"), join(root, "node_modules"));
  const crd = readFileSync(join(root, "crds/nodepools.yaml"), "utf8");
  await writeFile(join(root, "crds/nodepools.yaml"), crd.replaceAll("minStandby:", "minimumStandby:"));

  const { code, stderr } = await check(root);
  expect(code).toBe(1);
  expect(stderr).toMatch(/shared\/model\/api\/nodepool\.gen\.ts is outdated.*npm run generate/);
  expect(stderr).toMatch(/docs\/reference\/nodepool\.md is outdated/);
  expect(stderr).not.toMatch(/awsnodeclass/);
});

const fieldsIn = (schema: Schema, path: string): (readonly [string, Schema])[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    [`${path}.${name}`, field] as const,
    ...fieldsIn(field.items ?? field, `${path}.${name}`),
  ]);

test.each(["nodepools", "awsnodeclasses"])("every field in the spec of %s has a description", (crd) => {
  const spec = schemaOf(crd).properties?.spec ?? {};
  const undescribed = fieldsIn(spec, "spec").flatMap(([path, { description }]) => (description ? [] : path));
  expect(undescribed).toEqual([]);
});

test.each(["nodepools", "awsnodeclasses"])("every validation rule of %s has a message in words", (crd) => {
  const rules = schemasIn(schemaOf(crd)).flatMap((schema) => schema["x-kubernetes-validations"] ?? []);
  expect(rules.length).toBeGreaterThan(0);
  for (const { rule, message } of rules) expect(message, rule).toMatch(/\w{3,} \w/);
});

test.each(["nodepools", "awsnodeclasses"])("a rule of %s that explains a pattern tests the same pattern", (crd) => {
  const explained = schemasIn(schemaOf(crd)).flatMap(({ pattern, "x-kubernetes-validations": rules = [] }) =>
    rules.flatMap(({ rule }) => {
      const tested = /^self\.matches\('(.*?)'\)/.exec(rule)?.[1];
      return tested === undefined ? [] : [{ pattern, tested }];
    }),
  );
  expect(explained.length).toBeGreaterThan(8);
  for (const { pattern, tested } of explained) expect(tested).toBe(pattern);
});

test("the schema and the parser name the same examples of a duration", () => {
  const { properties } = schemaOf("nodepools").properties?.spec ?? {};
  const allowed = properties?.maxNodeRuntime?.["x-kubernetes-validations"]?.[0]?.message?.replace("must be ", "");
  expect(() => parseDuration("5 minutes")).toThrow(`found "5 minutes"; allowed: ${allowed}`);
});

test.each([
  ["bootstrapTemplate", "userData"],
  ["subnetIds", "subnetSelector"],
  ["securityGroupIds", "securityGroupSelector"],
  ["iamInstanceProfile", "role"],
])("exactly one of %s and %s: the message names both", (one, other) => {
  const rules = schemasIn(schemaOf("awsnodeclasses")).flatMap((schema) => schema["x-kubernetes-validations"] ?? []);
  const rule = rules.find((candidate) => candidate.rule === `has(self.${one}) != has(self.${other})`);
  expect(rule?.message).toContain(one);
  expect(rule?.message).toContain(other);
});

test("the quick start has the same names and values as in the original project", () => {
  expect(readYaml("examples/quickstart/awsnodeclass.yaml")).toEqual({
    apiVersion: "stratos.sh/v1alpha1",
    kind: "AWSNodeClass",
    metadata: { name: "workers" },
    spec: {
      region: "us-east-1",
      instanceType: "m5.large",
      ami: "ami-0123456789abcdef0",
      subnetIds: ["subnet-12345678"],
      securityGroupIds: ["sg-12345678"],
      iamInstanceProfile: "arn:aws:iam::123456789:instance-profile/node-role",
      userData: [
        "#!/bin/bash",
        "/etc/eks/bootstrap.sh my-cluster \\",
        "  --kubelet-extra-args '--register-with-taints=node.eks.amazonaws.com/not-ready=true:NoSchedule'",
        "until curl -sf http://localhost:10248/healthz; do sleep 5; done",
        "sleep 30",
        "poweroff",
        "",
      ].join("\n"),
    },
  });
  expect(readYaml("examples/quickstart/nodepool.yaml")).toEqual({
    apiVersion: "stratos.sh/v1alpha1",
    kind: "NodePool",
    metadata: { name: "workers" },
    spec: {
      poolSize: 10,
      minStandby: 3,
      template: {
        nodeClassRef: { kind: "AWSNodeClass", name: "workers" },
        labels: { "stratos.sh/pool": "workers" },
        startupTaints: [{ key: "node.eks.amazonaws.com/not-ready", value: "true", effect: "NoSchedule" }],
      },
    },
  });
});
