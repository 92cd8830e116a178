import { describe, expect, it } from "vitest";
import { aNode, anEc2, anInstance, aView } from "../builders.ts";
import { check, events } from "../decisions.ts";

describe("the finalizer of a pool that is being deleted", () => {
  check([
    {
      name: "is kept while an instance is left",
      view: aView([anInstance("terminating", { ec2: { state: "shutting-down" } })], { deleting: true }),
      expected: [],
    },
    {
      name: "is kept until the last instance is no longer observed",
      view: aView([anInstance("terminating", { ec2: { state: "terminated" } })], { deleting: true }),
      expected: ["deleteNode", "releaseSlot"],
    },
    {
      name: "is kept while an orphan shuts down",
      view: aView([], { deleting: true, orphans: [anEc2("shutting-down")] }),
      expected: [],
    },
    {
      name: "is kept while the node object of a terminated orphan is left",
      view: aView([], { deleting: true, orphans: [{ ...anEc2("terminated"), node: aNode("n") }] }),
      expected: ["adopt as terminating"],
    },
    {
      name: "is dropped if all orphans are terminated",
      view: aView([], { deleting: true, orphans: [anEc2("terminated")] }),
      expected: ["dropFinalizer"],
    },
    { name: "is dropped at the end", view: aView([], { deleting: true }), expected: ["dropFinalizer"] },
    { name: "is dropped once", view: aView([], { deleting: true, finalizers: [] }), expected: [] },
    { name: "is kept otherwise", view: aView(), expected: [] },
  ]);

  it("is reported when it is dropped, and not before", () => {
    expect(events(aView([], { deleting: true }))).toEqual(["Deleted"]);
    expect(events(aView([anInstance("terminating")], { deleting: true }))).toEqual([]);
  });
});
