import { childOf, valueAt } from "../json-value.ts";
import { readBody } from "../requests/body.ts";
import type { Answer, ResourceRequest } from "../requests/context.ts";
import { getTarget } from "../requests/read.ts";
import { badRequest, conflict } from "../status-errors.ts";
import { setPodCondition } from "./pod-condition.ts";

/** Binds a pod to a node on behalf of a scheduler (pkg/registry/core/pod/storage BindingREST). */
export const answerBinding = (request: ResourceRequest): Answer => {
  const { cluster } = request;
  const { metadata, spec } = getTarget(request);
  const node = valueAt(readBody(request), ["target", "name"]);
  if (typeof node !== "string") throw badRequest("target.name: Required value");
  const bound = valueAt(spec, ["nodeName"]);
  if (bound) {
    throw conflict("pods/binding", metadata.name, `pod ${metadata.name} is already assigned to node "${bound}"`);
  }
  cluster.store.change("pods", metadata.name, metadata.namespace, (pod) => {
    childOf(pod, "spec").nodeName = node;
    setPodCondition(pod, { type: "PodScheduled", status: "True" }, cluster.clock.now());
  });
  return { status: 201, body: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 } };
};
