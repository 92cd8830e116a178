import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { podRequest } from "../../../shared/scheduling/pod-request.ts";

const aContainer = (cpu: string, more: object = {}) => ({
  name: "c",
  resources: { requests: { cpu } },
  ...more,
});
const sidecar = (cpu: string) => aContainer(cpu, { restartPolicy: "Always" });

const spec = (overrides: Partial<PodSpec>): PodSpec => ({ containers: [], ...overrides });

describe("a pod requests", () => {
  it.each([
    {
      name: "the sum of its containers",
      of: { containers: [aContainer("1"), aContainer("500m")] },
      milli: 1500,
    },
    {
      name: "as much as its largest init container, if that is more",
      of: { containers: [aContainer("1")], initContainers: [aContainer("2"), aContainer("1")] },
      milli: 2000,
    },
    {
      name: "the sum of its containers and sidecars",
      of: { containers: [aContainer("1")], initContainers: [sidecar("500m")] },
      milli: 1500,
    },
    {
      name: "an init container plus the sidecars that start before it",
      of: { containers: [aContainer("1")], initContainers: [sidecar("500m"), aContainer("2")] },
      milli: 2500,
    },
    {
      name: "an init container without sidecars that start later",
      of: { containers: [aContainer("1")], initContainers: [aContainer("2"), sidecar("500m")] },
      milli: 2000,
    },
    {
      name: "its pod-level requests instead of the sum of its containers",
      of: { containers: [aContainer("1")], resources: { requests: { cpu: "3" } } },
      milli: 3000,
    },
    { name: "at least a thousandth of a core", of: { containers: [aContainer("100u"), aContainer("100u")] }, milli: 1 },
  ])("$name", ({ of, milli }) => {
    expect(podRequest(spec(of)).requests?.get("cpu")).toBe(milli);
  });

  it("bytes and units, in any notation", () => {
    const container = { name: "c", resources: { requests: { memory: "1.5Gi", "nvidia.com/gpu": "2" } } };
    const { requests } = podRequest(spec({ containers: [container] }));
    expect(Object.fromEntries(requests ?? [])).toEqual({ memory: 1.5 * 2 ** 30, "nvidia.com/gpu": 2 });
  });

  it("devices by container only, whatever its pod-level requests", () => {
    const resources = { requests: { "nvidia.com/gpu": "4", memory: "1Gi" } };
    const container = { name: "c", resources: { requests: { "nvidia.com/gpu": "1" } } };
    const { requests } = podRequest(spec({ containers: [container], resources }));
    expect(Object.fromEntries(requests ?? [])).toEqual({ memory: 2 ** 30, "nvidia.com/gpu": 1 });
  });

  it("nothing if no container has requests, but its overhead counts", () => {
    const request = podRequest(spec({ containers: [{ name: "c" }], overhead: { cpu: "250m" } }));
    expect(request.requests).toBeUndefined();
    expect(Object.fromEntries(request.overhead)).toEqual({ cpu: 250 });
  });
});
