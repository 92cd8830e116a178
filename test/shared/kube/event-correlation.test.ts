import { expect, it } from "vitest";
import { createEventCorrelator, type EventReport } from "../../../shared/kube/event-correlation.ts";

const NOW = 1_795_000_000_000;

const aReport = (overrides: Partial<EventReport> & { readonly pool?: string } = {}): EventReport => {
  const { pool = "workers", ...report } = overrides;
  const object = { apiVersion: "stratos.sh/v1alpha1", kind: "NodePool", name: pool };
  return { object, type: "Normal", reason: "ScaleUp", message: "starting", now: NOW, ...report };
};

const nineReports = (overrides: Parameters<typeof aReport>[0] = {}) =>
  Array.from({ length: 9 }, (_, index) => aReport({ message: `starting n${index}`, ...overrides }));

const isCombined = (report: EventReport, previous: readonly EventReport[]): boolean => {
  const correlate = createEventCorrelator();
  correlate(previous);
  return correlate([report]).some(({ report: { message } }) => message.startsWith("(combined"));
};

it.each([
  ["the same object, type and reason", true, aReport({ message: "starting n10" })],
  ["another object", false, aReport({ pool: "others", message: "starting n10" })],
  ["another type", false, aReport({ type: "Warning", message: "starting n10" })],
  ["another reason", false, aReport({ reason: "ScaleDown", message: "stopping n10" })],
])("the tenth report with %s is combined: %s", (_, isSimilar, report) => {
  expect(isCombined(report, nineReports())).toBe(isSimilar);
});

it("starts a new group after more than ten minutes without a report", () => {
  expect(isCombined(aReport({ message: "starting n10", now: NOW + 600_000 }), nineReports())).toBe(true);
  expect(isCombined(aReport({ message: "starting n10", now: NOW + 600_001 }), nineReports())).toBe(false);
});

it("keeps a bounded number of groups and evicts the least recently used", () => {
  const correlate = createEventCorrelator();
  correlate(nineReports());
  for (let other = 0; other < 4096; other += 1) correlate([aReport({ pool: `pool-${other}` })]);
  const [event] = correlate([aReport({ message: "starting n10" })]);
  expect(event?.report.message).toBe("starting n10");
});
