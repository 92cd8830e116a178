import { expect, it } from "vitest";
import { createEventCorrelator, type EventReport } from "../../../shared/kube/event-correlation.ts";

const NOW = 1_795_000_000_000;

const said = (overrides: Partial<EventReport> & { readonly about?: string } = {}): EventReport => {
  const { about = "workers", ...report } = overrides;
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: about };
  return { object, type: "Normal", reason: "ScaleUp", message: "starting", now: NOW, ...report };
};

const many = (overrides: Parameters<typeof said>[0] = {}) =>
  Array.from({ length: 9 }, (_, index) => said({ message: `starting n${index}`, ...overrides }));

const combined = (report: EventReport, before: readonly EventReport[]): boolean => {
  const correlate = createEventCorrelator();
  correlate(before);
  return correlate([report]).some(({ report: { message } }) => message.startsWith("(combined"));
};

it.each([
  ["the same object, type and reason", said({ message: "starting n10" }), true],
  ["another object", said({ about: "others", message: "starting n10" }), false],
  ["another type", said({ type: "Warning", message: "starting n10" }), false],
  ["another reason", said({ reason: "ScaleDown", message: "stopping n10" }), false],
])("similar is what has %s: %s", (_, report, isSimilar) => {
  expect(combined(report, many())).toBe(isSimilar);
});

it("a silence of ten minutes begins anew, a shorter one does not", () => {
  expect(combined(said({ message: "starting n10", now: NOW + 600_000 }), many())).toBe(true);
  expect(combined(said({ message: "starting n10", now: NOW + 600_001 }), many())).toBe(false);
});

it("remembers a bounded number of things, and forgets those first that it has not heard of for longest", () => {
  const correlate = createEventCorrelator();
  correlate(many());
  for (let other = 0; other < 4096; other += 1) correlate([said({ about: `pool-${other}` })]);
  const [event] = correlate([said({ message: "starting n10" })]);
  expect(event?.report.message).toBe("starting n10");
});
