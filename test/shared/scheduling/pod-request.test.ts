import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../../shared/model/kubernetes/objects.ts";
import { podRequest } from "../../../shared/scheduling/pod-request.ts";

const requests = (cpu: string, more: object = {}) => ({
  name: "c",
  resources: { requests: { cpu } },
  ...more,
});
const sidecar = (cpu: string) => requests(cpu, { restartPolicy: "Always" });

const spec = (overrides: Partial<PodSpec>): PodSpec => ({ containers: [], ...overrides });

describe("a pod asks for", () => {
  it.each([
    {
      name: "what its containers ask for together",
      of: { containers: [requests("1"), requests("500m")] },
      milli: 1500,
    },
    {
      name: "what the largest init container asks for, where that is more",
      of: { containers: [requests("1")], initContainers: [requests("2"), requests("1")] },
      milli: 2000,
    },
    {
      name: "what sidecars ask for beside the containers",
      of: { containers: [requests("1")], initContainers: [sidecar("500m")] },
      milli: 1500,
    },
    {
      name: "what an init container asks for beside the sidecars before it",
      of: { containers: [requests("1")], initContainers: [sidecar("500m"), requests("2")] },
      milli: 2500,
    },
    {
      name: "no more than that for sidecars that start later",
      of: { containers: [requests("1")], initContainers: [requests("2"), sidecar("500m")] },
      milli: 2000,
    },
    {
      name: "what it asks for as a whole, rather than by container",
      of: { containers: [requests("1")], resources: { requests: { cpu: "3" } } },
      milli: 3000,
    },
    { name: "a thousandth of a core at least", of: { containers: [requests("100u"), requests("100u")] }, milli: 1 },
  ])("$name", ({ of, milli }) => {
    expect(podRequest(spec(of)).asked?.get("cpu")).toBe(milli);
  });

  it("bytes and pieces, however written", () => {
    const container = { name: "c", resources: { requests: { memory: "1.5Gi", "nvidia.com/gpu": "2" } } };
    const { asked } = podRequest(spec({ containers: [container] }));
    expect(Object.fromEntries(asked ?? [])).toEqual({ memory: 1.5 * 2 ** 30, "nvidia.com/gpu": 2 });
  });

  it("devices by container only, whatever it says of itself as a whole", () => {
    const resources = { requests: { "nvidia.com/gpu": "4", memory: "1Gi" } };
    const container = { name: "c", resources: { requests: { "nvidia.com/gpu": "1" } } };
    const { asked } = podRequest(spec({ containers: [container], resources }));
    expect(Object.fromEntries(asked ?? [])).toEqual({ memory: 2 ** 30, "nvidia.com/gpu": 1 });
  });

  it("nothing, if no container says a thing, though its runtime takes its share", () => {
    const request = podRequest(spec({ containers: [{ name: "c" }], overhead: { cpu: "250m" } }));
    expect(request.asked).toBeUndefined();
    expect(Object.fromEntries(request.overhead)).toEqual({ cpu: 250 });
  });
});
