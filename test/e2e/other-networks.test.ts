import { describe, expect, it } from "vitest";
import { apply, burstOf, burstPods, quickStart, startStratos, untilRunning } from "./stratos.ts";

describe("a network that differs from the quick start's", () => {
  it("with resource names, a domain of its own and IPv6 addresses is served as well", async () => {
    const environment = await startStratos({
      account: {
        hostnames: "resource-name",
        dnsDomain: "nodes.example.com",
        ipv6: "onLaunch",
        networkPlugin: "overlay",
      },
    });
    await quickStart(environment);
    await apply(environment, burstOf(1));
    await untilRunning(environment, 1);
    expect(burstPods(environment)[0]?.spec.nodeName).toMatch(/^i-[0-9a-f]{17}\.nodes\.example\.com$/);
  });
});
