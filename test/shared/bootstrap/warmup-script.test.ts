/** Runs the actual script in bash. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aNodeSettings, aWarmup } from "./builders.ts";
import { aWarmupMachine } from "./warmup-machine.ts";

const REDIS = "docker.io/library/redis:7";
const MODEL = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/model:v1";

const machine = (warmup: Parameters<typeof aWarmup>[0] = {}, options: Parameters<typeof aWarmupMachine>[1] = {}) =>
  aWarmupMachine(aNodeSettings({ warmup: aWarmup({ images: [REDIS, MODEL], ...warmup }) }), options);

const outcomeOf = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line).metadata.annotations["stratos.sh/warmup-outcome"]);

describe("a warmup", () => {
  it("pulls and pins the images, annotates the node, and powers off", () => {
    const { boot, lines } = machine();
    const output = boot();
    expect(lines("ctr").toSorted()).toEqual(
      [
        `label ${REDIS} io.cri-containerd.pinned=pinned`,
        `label ${MODEL} io.cri-containerd.pinned=pinned`,
        `pull ${MODEL}`,
        `pull ${REDIS}`,
      ].toSorted(),
    );
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
    expect(lines("systemctl")).toEqual(["systemctl poweroff"]);
    expect(output).toMatch(/^stratos-warmup: pulled docker\.io\/library\/redis:7 in \d+ s$/m);
    expect(output).toMatch(/^stratos-warmup: Succeeded, after \d+ s$/m);
  });

  const loginFor = (image: string) => {
    const { boot, lines } = machine({ images: [image] });
    boot();
    const [, host, , password] =
      /"https:\/\/(.+)"\.header\]\n(authorization = "Basic (.+)")/.exec(lines("hosts").join("\n")) ?? [];
    return host && `${host} ${Buffer.from(password ?? "", "base64")}`;
  };

  it.each([
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"],
    ["123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["123456789012.dkr-ecr.us-west-2.on.aws", "us-west-2"],
  ])("logs in to %s with a file", (host, region) => {
    expect(loginFor(`${host}/model:v1`)).toBe(`${host} AWS:password-of-${region}`);
  });

  it.each([
    "123456789012.dkr.ecr.us-east-1.attacker.example",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com.attacker.example",
    "123456789012.dkr.ecr.us-east-1.amazonawsxcom",
    "docker.io/123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "1.dkr.ecr.us-east-1.amazonaws.com",
  ])("sends no password to %s", (host) => {
    expect(loginFor(`${host}/model:v1`)).toBeUndefined();
  });

  it("shows no secret on a command line, and leaves none on the disk", () => {
    const { boot, lines } = machine();
    boot();
    expect(lines("ctr").join()).not.toMatch(/password|Basic/);
    expect(lines("temporary").filter((path) => existsSync(path))).toEqual([]);
    expect(lines("temporary")).toHaveLength(1);
  });

  it("runs once: the script does nothing on later boots", () => {
    const { boot, lines } = machine();
    boot();
    boot();
    expect(lines("systemctl")).toEqual(["systemctl poweroff"]);
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
  });

  it("does not power off if the controller stops the node", () => {
    const { boot, lines } = machine({ powersOff: false });
    boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
    expect(lines("systemctl")).toEqual([]);
  });

  it("runs at most four pulls at a time", () => {
    const images = Array.from({ length: 12 }, (_, index) => `docker.io/library/app:${index}`);
    const { boot, lines } = machine({ images });
    boot();
    expect(lines("ctr").filter((line) => line.startsWith("pull"))).toHaveLength(12);
    const maxConcurrent = Math.max(...lines("at-once").map(Number));
    expect(maxConcurrent).toBeGreaterThan(1);
    expect(maxConcurrent).toBeLessThanOrEqual(4);
  });

  it("succeeds without images", () => {
    const { boot, lines } = machine({ images: [] });
    boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
  });

  it("reads files that came with the volume, and not files written since boot", () => {
    const { boot, lines, folder } = machine({ images: [] });
    writeFileSync(join(folder, "volume", "old file"), "");
    boot();
    expect(lines("read")).toEqual([join(folder, "volume", "old file")]);
  });
});

describe("an image that cannot be pulled", () => {
  it("is tried three times, with growing pauses", () => {
    const { boot, lines, failPulls } = machine();
    failPulls(REDIS, 2);
    const output = boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
    expect(lines("slept")).toEqual(["10", "20"]);
    expect(output).toContain(
      `pulling ${REDIS} failed, try 2 of 3: ctr: failed to resolve reference ${REDIS}: not found`,
    );
  });

  it("fails the warmup if images are required, and the outcome names the image", () => {
    const { boot, lines, failPulls } = machine();
    failPulls(REDIS, 3);
    boot();
    expect(outcomeOf(lines("patch"))).toEqual([`Failed: could not pull ${REDIS}`]);
    expect(lines("systemctl")).toEqual(["systemctl poweroff"]);
  });

  it("is skipped if it is optional, although others are required", () => {
    const { boot, lines, failPulls } = machine({
      optionalImages: ["docker.io/tenant/agent:1", "docker.io/tenant/other:1"],
    });
    failPulls("docker.io/tenant/agent:1", 3);
    boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
    expect(lines("ctr")).toContain("pull docker.io/tenant/other:1");
  });

  it("that is required fails the warmup, and the outcome does not name optional ones", () => {
    const { boot, lines, failPulls } = machine({ optionalImages: ["docker.io/tenant/agent:1"] });
    failPulls("docker.io/tenant/agent:1", 3);
    failPulls(REDIS, 3);
    boot();
    expect(outcomeOf(lines("patch"))).toEqual([`Failed: could not pull ${REDIS}`]);
  });

  it("is skipped with best effort", () => {
    const { boot, lines, failPulls } = machine({ imagesRequired: false });
    failPulls(REDIS, 3);
    boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Succeeded"]);
  });
});

describe("a failure", () => {
  it("of the kubelet is reported after the timeout", () => {
    const { boot, lines } = machine({ timeoutMs: 4_000 }, { healthy: false });
    boot();
    expect(outcomeOf(lines("patch"))).toEqual(["Failed: kubelet not ready within 2 s"]);
    expect(lines("systemctl")).toEqual(["systemctl poweroff"]);
  });

  it("of the API server does not keep the node running, and the console shows it", () => {
    const { boot, lines } = machine({}, { api: false });
    expect(boot()).toContain("the node could not be told the outcome");
    expect(lines("systemctl")).toEqual(["systemctl poweroff"]);
  });
});
