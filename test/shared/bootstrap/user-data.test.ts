import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { nodeSettingsOf } from "../../../shared/bootstrap/node-settings.ts";
import { renderTemplate } from "../../../shared/bootstrap/render.ts";
import { renderUserData } from "../../../shared/bootstrap/user-data.ts";
import type { TemplateSource } from "../../../shared/model/launch-config.ts";
import { aSpec } from "../pool/builders.ts";
import { anAddress } from "./builders.ts";

const { template, preWarm } = aSpec();
const source = (overrides: Partial<TemplateSource> = {}): TemplateSource => ({
  template: "AL2023",
  custom: undefined,
  kubelet: {},
  ...overrides,
});
const render = (spec = aSpec(), from = source(), images: readonly string[] = []) =>
  renderUserData(from, spec, anAddress(), { images, optionalImages: [] });
const NO_IMAGES = { images: [], optionalImages: [] };
const ci = { key: "ci", effect: "NoSchedule" } as const;

test("a node registers with the labels and taints of class and pool, and with the readiness taint", () => {
  const labels = { "stratos.sh/pool": "workers", tier: "pool" };
  const startup = { key: "agent-not-ready", effect: "NoExecute" } as const;
  const spec = aSpec({ template: { ...template, labels, taints: [ci], startupTaints: [startup] } });
  const gpu = { key: "gpu", value: "true", effect: "NoSchedule" } as const;
  const kubelet = { nodeLabels: { tier: "class", rack: "r1" }, nodeTaints: [gpu, ci] };
  const settings = nodeSettingsOf(source({ kubelet }), spec, anAddress(), NO_IMAGES);
  expect(settings.labels).toEqual({
    rack: "r1",
    tier: "pool",
    "stratos.sh/pool": "workers",
  });
  const notReady = { key: "stratos.sh/not-ready", value: "true", effect: "NoSchedule" };
  expect(settings.taints).toEqual([ci, gpu, startup, notReady]);
});

test("a node without readiness taint registers with the standby taint, because it is about to power off", () => {
  const spec = aSpec({ template: { ...template, networkReadinessStrategy: "None" } });
  const { taints } = nodeSettingsOf(source(), spec, anAddress(), NO_IMAGES);
  expect(taints).toEqual([{ key: "stratos.sh/standby", effect: "NoExecute" }]);
});

test("labels that a kubelet may not set are left to the controller", () => {
  const labels = {
    "node-role.kubernetes.io/ci": "",
    "node.kubernetes.io/lifecycle": "normal",
    "kubernetes.io/os": "linux",
  };
  const spec = aSpec({ template: { ...template, labels } });
  expect(Object.keys(nodeSettingsOf(source(), spec, anAddress(), NO_IMAGES).labels)).toEqual([
    "node.kubernetes.io/lifecycle",
    "kubernetes.io/os",
  ]);
});

test("the warmup script has the pool's settings for images, completion and timeout", () => {
  const spec = aSpec({
    preWarm: { ...preWarm, imagePullPolicy: "BestEffort", completionMode: "ControllerStop", timeoutMs: 1_200_000 },
  });
  const text = renderTemplate(
    source(),
    nodeSettingsOf(source(), spec, anAddress(), { ...NO_IMAGES, images: ["docker.io/library/redis:7"] }),
  );
  expect(text).toMatch(/^images_required=false$/m);
  expect(text).toMatch(/^power_off=false$/m);
  expect(text).toMatch(/^limit_s=1140$/m);
  expect(text).toMatch(/^ {2}'docker\.io\/library\/redis:7'$/m);
});

test("user data is compressed only if it exceeds EC2's limit", () => {
  expect(render()).toMatchObject({ kind: "rendered", userData: { userData: expect.stringContaining("NodeConfig") } });
  const custom = `#!/bin/sh\n${"echo again\n".repeat(3000)}`;
  const rendering = render(aSpec(), source({ custom }));
  if (rendering.kind !== "rendered") throw new Error(rendering.message);
  const { userData, userDataIsGzip } = rendering.userData;
  expect(userDataIsGzip).toBe(true);
  expect(gunzipSync(Buffer.from(userData, "base64")).toString()).toContain(custom);
});

test("user data for an instance that serves immediately differs only in not powering off", () => {
  const rendering = render();
  if (rendering.kind !== "rendered") throw new Error(rendering.message);
  const { userData, servingUserData } = rendering;
  expect(userData.userData).toMatch(/^power_off=true$/m);
  expect(servingUserData.userData).toBe(userData.userData.replace("power_off=true", "power_off=false"));
});

test("user data that exceeds the limit even when compressed is rejected, with hints how to shorten it", () => {
  const custom = `#!/bin/sh\n# ${randomBytes(20_000).toString("base64")}\n`;
  expect(render(aSpec(), source({ custom }), ["docker.io/library/redis:7"])).toMatchObject({
    kind: "invalid",
    message: expect.stringMatching(
      /^the user data of bootstrapTemplate AL2023 has \d+ bytes, \d+ when compressed, but EC2 allows at most 16384: shorten customUserData or reduce the 1 images$/,
    ),
  });
});

test.each([
  ["a key with a space", { labels: { "a b": "c" } }, /^template\.labels has "a b", but a key is/],
  ["a value with a comma", { labels: { a: "b,c" } }, /^template\.labels has "a=b,c", but a value is/],
  ["a taint's value with a quote", { taints: [{ ...ci, value: "'" }] }, /^template\.taints has "ci='", but a value is/],
  ["a domain in capitals", { startupTaints: [{ ...ci, key: "A.b/c" }] }, /^template\.startupTaints has "A\.b\/c"/],
])("%s is rejected with the field's name", (_, overrides, message) => {
  const spec = aSpec({ template: { ...template, ...overrides } });
  expect(render(spec)).toEqual({ kind: "invalid", message: expect.stringMatching(message) });
});

test("SelfStop is rejected for Bottlerocket", () => {
  const bottlerocket = source({ template: "Bottlerocket" });
  expect(render(aSpec(), bottlerocket)).toEqual({
    kind: "invalid",
    message: expect.stringMatching(/^preWarm\.completionMode is SelfStop, .* set ControllerStop/),
  });
  const spec = aSpec({ preWarm: { ...preWarm, completionMode: "ControllerStop" } });
  expect(render(spec, bottlerocket)).toMatchObject({ kind: "rendered" });
});
