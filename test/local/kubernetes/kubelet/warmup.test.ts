import { expect, it } from "vitest";
import { renderTemplate } from "../../../../shared/bootstrap/render.ts";
import type { TemplateSource } from "../../../../shared/model/launch-config.ts";
import { aNodeSettings, aWarmup } from "../../../shared/bootstrap/builders.ts";
import { createStage } from "../stage.ts";

const NAME = "ip-10-0-0-1.ec2.internal";
const REDIS = "docker.io/library/redis:7";

const userData = (template: TemplateSource["template"], warmup: Parameters<typeof aWarmup>[0] = {}) =>
  renderTemplate(
    { template, custom: undefined, kubelet: {} },
    aNodeSettings({ warmup: aWarmup({ images: [REDIS], ...warmup }) }),
  );

const boot = (text: string) => {
  const stage = createStage();
  stage.machines.launch({ userData: text });
  const outcome = () => stage.node(NAME)?.metadata.annotations?.["stratos.sh/warmup-outcome"];
  const images = () => ((stage.node(NAME)?.status.images ?? []) as { names: string[] }[]).flatMap(({ names }) => names);
  return { ...stage, outcome, images };
};

it.each(["AL2023", "AL2"] as const)(
  "the %s warmup pulls images, reports and powers off, only once",
  async (template) => {
    const { advance, machines, outcome, images } = boot(userData(template));
    await advance(90);
    expect(outcome()).toBe("Succeeded");
    expect(machines.stateOf("i-1")).toBe("stopped");
    machines.start("i-1");
    await advance(600);
    expect(machines.stateOf("i-1")).toBe("running");
    expect(images()).toContain(REDIS);
  },
);

it("a warmup with ControllerStop reports and stays running", async () => {
  const { advance, machines, outcome } = boot(userData("AL2023", { powersOff: false }));
  await advance(120);
  expect(outcome()).toBe("Succeeded");
  expect(machines.stateOf("i-1")).toBe("running");
});

it("a warmup fails if it cannot pull an image in three attempts", async () => {
  const { advance, machines, outcome, cluster } = boot(userData("AL2023"));
  cluster.faults.failPulls("redis:7", true);
  await advance(90);
  expect(outcome()).toBe(`Failed: could not pull ${REDIS}`);
  expect(machines.consoleOf("i-1")).toContain(`pulling ${REDIS} failed, try 3 of 3`);
  expect(machines.stateOf("i-1")).toBe("stopped");
});

it("a warmup whose kubelet never becomes healthy ends at its timeout", async () => {
  const text = userData("AL2023", { timeoutMs: 120_000 }).replace('"name": "my-cluster"', '"name": "another"');
  const { advance, machines } = boot(text);
  await advance(90);
  expect(machines.stateOf("i-1")).toBe("stopped");
  expect(machines.consoleOf("i-1")).toContain("stratos-warmup: Failed: not warm within 60 s");
});

it("Bottlerocket's static pod pulls the images, runs none of them, and does not restart at the next boot", async () => {
  const { advance, machines, images, store } = boot(userData("Bottlerocket"));
  await advance(60);
  expect(images()).toContain(REDIS);
  const mirrorPod = () => store.get("pods", `stratos-pre-pull-${NAME}`, "kube-system");
  expect(mirrorPod()).toMatchObject({
    status: { phase: "Failed" },
    metadata: { annotations: { "kubernetes.io/config.mirror": "i-1" } },
  });
  const before = mirrorPod()?.metadata.resourceVersion;
  machines.stop("i-1");
  await advance(1);
  machines.start("i-1");
  await advance(60);
  expect(mirrorPod()?.metadata.resourceVersion).toBe(before);
});
