import { describe, expect, it } from "vitest";
import { isReady } from "../../../../local/kubernetes/objects/objects.ts";
import { aPod, aReadyNode, createStage } from "../stage.ts";

const container = (image: string, command?: string[]) => [{ name: "main", image, command }];

describe("pods on a node", () => {
  it("run half a second after binding if their image is present", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("pods", aPod("quick"));
    await stage.advance(0.7);
    expect(stage.pod("quick")?.status).toMatchObject({ phase: "Running", hostIP: "10.0.0.1" });
    expect(stage.pod("quick")).toSatisfy(isReady);
  });

  it("wait for the image pull the first time, but not again after a stop", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.store.create("pods", aPod("first", { containers: container("app:1") }));
    await stage.advance(4);
    expect(stage.pod("first")?.status.phase).toBe("Pending");
    await stage.advance(5);
    expect(stage.pod("first")?.status.phase).toBe("Running");
    const reported = () => JSON.stringify(stage.node(privateDnsName)?.status.images);
    expect(reported()).not.toContain("docker.io/library/app:1");
    await stage.advance(30);
    expect(reported()).toContain("docker.io/library/app:1");
    stage.store.remove("pods", "first", "default");
    await stage.advance(2);
    stage.machines.stop(instanceId);
    await stage.advance(10);
    stage.machines.start(instanceId);
    await stage.advance(6);
    stage.store.create("pods", aPod("second", { containers: container("app:1") }));
    await stage.advance(0.7);
    expect(stage.pod("second")?.status.phase).toBe("Running");
  });

  it("stay pending while their image cannot be pulled", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.cluster.faults.failPulls("app:missing", true);
    stage.store.create("pods", aPod("stuck", { containers: container("app:missing") }));
    await stage.advance(5);
    expect(stage.pod("stuck")?.status.containerStatuses?.[0]).toMatchObject({
      state: { waiting: { reason: "ImagePullBackOff" } },
    });
    stage.cluster.faults.failPulls("app:missing", false);
    await stage.advance(30);
    expect(stage.pod("stuck")?.status.phase).toBe("Running");
  });

  it("succeed after `sleep N` with restartPolicy Never", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    const spec = { restartPolicy: "Never", containers: container("registry.k8s.io/pause:3.10", ["sleep", "20"]) };
    stage.store.create("pods", aPod("worker", spec));
    await stage.advance(15);
    expect(stage.pod("worker")?.status.phase).toBe("Running");
    await stage.advance(7);
    expect(stage.pod("worker")?.status.phase).toBe("Succeeded");
  });

  it("fail with the exit code of their command", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    const command = ["sh", "-c", "exit 3"];
    stage.store.create(
      "pods",
      aPod("broken", { restartPolicy: "Never", containers: container("registry.k8s.io/pause:3.10", command) }),
    );
    await stage.advance(3);
    expect(stage.pod("broken")?.status.containerStatuses?.[0]).toMatchObject({
      state: { terminated: { exitCode: 3 } },
    });
    expect(stage.pod("broken")?.status.phase).toBe("Failed");
  });

  it("are removed a second after their deletion, or after their grace period if they ignore SIGTERM", async () => {
    const stage = createStage();
    await aReadyNode(stage);
    stage.store.create("pods", aPod("polite"));
    const stubborn = container("registry.k8s.io/pause:3.10", ["sh", "-c", "trap '' TERM; serve"]);
    stage.store.create("pods", aPod("stubborn", { terminationGracePeriodSeconds: 20, containers: stubborn }));
    await stage.advance(2);
    stage.store.remove("pods", "polite", "default");
    stage.store.remove("pods", "stubborn", "default");
    await stage.advance(0.5);
    expect(stage.pod("polite")?.metadata.deletionTimestamp).toBeDefined();
    await stage.advance(0.6);
    expect(stage.pod("polite")?.status.phase).toBe("Succeeded");
    await stage.advance(0.4);
    expect(stage.pod("polite")).toBeUndefined();
    await stage.advance(15);
    expect(stage.pod("stubborn")).toBeDefined();
    await stage.advance(5);
    expect(stage.pod("stubborn")).toBeUndefined();
  });

  it("stay on a stopped node, and restart when it is back", async () => {
    const stage = createStage();
    const { instanceId } = await aReadyNode(stage);
    stage.store.create("pods", aPod("server"));
    await stage.advance(2);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    expect(stage.pod("server")?.status.phase).toBe("Running");
    expect(stage.pod("server")).not.toSatisfy(isReady);
    stage.machines.start(instanceId);
    await stage.advance(7);
    expect(stage.pod("server")).toSatisfy(isReady);
    expect(stage.pod("server")?.status.containerStatuses?.[0]?.restartCount).toBe(1);
  });

  it("stay Terminating on a stopped node, and are removed soon after it is back", async () => {
    const stage = createStage();
    const { instanceId } = await aReadyNode(stage);
    stage.store.create("pods", aPod("server"));
    await stage.advance(2);
    stage.machines.stop(instanceId);
    stage.store.remove("pods", "server", "default");
    await stage.advance(600);
    expect(stage.pod("server")?.metadata.deletionTimestamp).toBeDefined();
    stage.machines.start(instanceId);
    await stage.advance(6);
    expect(stage.pod("server")).toBeUndefined();
  });

  it("that were bound during boot run as soon as the node is Ready", async () => {
    const stage = createStage();
    const { instanceId, privateDnsName } = await aReadyNode(stage);
    stage.machines.stop(instanceId);
    await stage.advance(70);
    stage.machines.start(instanceId);
    stage.store.create("pods", aPod("early", { nodeName: privateDnsName }));
    await stage.advance(1);
    expect(stage.pod("early")?.status.phase).toBe("Pending");
    await stage.advance(6);
    expect(stage.pod("early")?.status.phase).toBe("Running");
  });
});
