import { describe, expect, it } from "vitest";
import { readUserData } from "../../../../local/kubernetes/kubelet/read-user-data.ts";
import { renderTemplate } from "../../../../shared/bootstrap/render.ts";
import type { TemplateSource } from "../../../../shared/model/launch-config.ts";
import { aNodeSettings, aWarmup } from "../../../shared/bootstrap/builders.ts";
import { QUICK_START } from "../stage.ts";

const steps = (script: string) => readUserData(`#!/bin/bash\n${script}`).scripts.flatMap((each) => each.steps);

describe("reading user data", () => {
  it("reads the steps of the quick start's script", () => {
    expect(readUserData(QUICK_START).scripts[0]?.steps).toEqual([
      {
        kind: "bootstrap",
        settings: {
          clusterName: "my-cluster",
          labels: {},
          taints: [{ key: "node.eks.amazonaws.com/not-ready", value: "true", effect: "NoSchedule" }],
          maxPods: undefined,
        },
      },
      { kind: "awaitKubelet", pollMs: 5000 },
      { kind: "sleep", ms: 30_000 },
      { kind: "sleep", ms: 0 },
      { kind: "powerOff" },
    ]);
  });

  it.each([
    ["poweroff"],
    ["sudo poweroff"],
    ["/sbin/poweroff"],
    ["systemctl poweroff"],
    ["shutdown -h now"],
    ["sudo shutdown -P now"],
    ["halt -p"],
    ["init 0"],
  ])("recognizes `%s` as a power-off", (line) => {
    expect(steps(line).at(-1)).toEqual({ kind: "powerOff" });
  });

  it("ignores commands in comments, echo arguments and file names", () => {
    expect(steps("# poweroff\necho poweroff\ncat /etc/poweroff.conf")).toEqual([]);
  });

  it("reads the delay of shutdown in minutes", () => {
    expect(steps("shutdown -h +2")).toEqual([{ kind: "sleep", ms: 120_000 }, { kind: "powerOff" }]);
  });

  it("reads images to pull, minutes to sleep and quoted kubelet arguments", () => {
    const script = `crictl pull nginx:1.29
sleep 2m
/etc/eks/bootstrap.sh 'b' --use-max-pods false --kubelet-extra-args "--max-pods=58 --node-labels=a=b,c=d"`;
    expect(steps(script)).toEqual([
      { kind: "pull", image: "nginx:1.29" },
      { kind: "sleep", ms: 120_000 },
      { kind: "bootstrap", settings: { clusterName: "b", labels: { a: "b", c: "d" }, taints: [], maxPods: 58 } },
    ]);
  });

  it("ignores unknown formats", () => {
    expect(readUserData("#cloud-config\npackages: [htop]")).toEqual({ scripts: [], service: undefined });
  });
});

describe("Stratos's own user data", () => {
  const settings = aNodeSettings({ warmup: aWarmup({ images: ["docker.io/library/redis:7", "a'b"] }) });
  const read = (template: TemplateSource["template"], custom?: string) =>
    readUserData(renderTemplate({ template, custom, kubelet: {} }, settings));
  const joined = { clusterName: "my-cluster", labels: settings.labels, taints: settings.taints, maxPods: 58 };
  const plan = {
    images: settings.warmup.images,
    imagesRequired: true,
    optionalImages: [],
    powersOff: true,
    limitMs: 540_000,
    readMs: 180_000,
  };

  it("for AL2023 is a NodeConfig and a warmup, with the node class's own script between them", () => {
    const { scripts, service } = read("AL2023", "#!/bin/sh\necho é\nsleep 3\n");
    expect(service).toEqual({ ...joined, shutdownGraceMs: 150_000 });
    expect(scripts.map(({ steps: each }) => each)).toEqual([[{ kind: "sleep", ms: 3000 }], [{ kind: "warmUp", plan }]]);
  });

  it("for AL2 is a bootstrap script and a warmup", () => {
    const { scripts, service } = read("AL2");
    expect(service).toBeUndefined();
    expect(scripts.map(({ steps: each }) => each)).toEqual([
      [{ kind: "bootstrap", settings: joined }],
      [{ kind: "warmUp", plan }],
    ]);
  });

  it("for Bottlerocket is settings with a static pod for the images", () => {
    const { scripts, service } = read("Bottlerocket");
    expect(scripts).toEqual([]);
    expect(service).toMatchObject(joined);
    expect(service?.staticPods?.flatMap(({ spec }) => spec.containers.map(({ image }) => image))).toEqual(plan.images);
  });
});
