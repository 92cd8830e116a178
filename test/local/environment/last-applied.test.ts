import { expect, it } from "vitest";
import { withLastApplied } from "../../../local/environment/last-applied.ts";

const ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";

it("annotates an object as kubectl apply does", () => {
  const object = {
    kind: "NodePool",
    apiVersion: "stratos.sh/v1alpha1",
    metadata: { name: "a" },
    spec: { z: "a<b", b: [1] },
  };
  // Taken from `kubectl apply` of the same object.
  expect(withLastApplied(object).metadata).toEqual({
    name: "a",
    annotations: {
      [ANNOTATION]:
        '{"apiVersion":"stratos.sh/v1alpha1","kind":"NodePool","metadata":{"annotations":{},"name":"a"},' +
        '"spec":{"b":[1],"z":"a\\u003cb"}}\n',
    },
  });
});

it("keeps the object's own annotations", () => {
  const object = { kind: "Namespace", apiVersion: "v1", metadata: { name: "a", annotations: { mine: "1" } } };
  expect(withLastApplied(object).metadata.annotations).toMatchObject({
    mine: "1",
    [ANNOTATION]: expect.stringContaining('"annotations":{"mine":"1"}'),
  });
});
