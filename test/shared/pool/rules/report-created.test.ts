import { expect, it } from "vitest";
import { anEc2, anInstance, aSpec, aView } from "../builders.ts";
import { eventMessages, events } from "../decisions.ts";

it("a pool that has no finalizer yet is reported as created, with what it is to keep", () => {
  const view = aView([], { finalizers: [], spec: aSpec({ poolSize: 7, minStandby: 0 }) });
  expect(events(view)).toEqual(["Created"]);
  expect(eventMessages(view)).toEqual(["the pool keeps 0 standby and has at most 7 instances"]);
});

it.each([
  { name: "has its finalizer", view: aView([anInstance("standby")]) },
  { name: "lost its finalizer and has instances", view: aView([anInstance("standby")], { finalizers: [] }) },
  { name: "lost its table and its finalizer", view: aView([], { finalizers: [], orphans: [anEc2("stopped")] }) },
  { name: "is being deleted", view: aView([], { finalizers: [], deleting: true }) },
])("a pool that $name is not reported as created", ({ view }) => {
  expect(events(view)).not.toContain("Created");
});
