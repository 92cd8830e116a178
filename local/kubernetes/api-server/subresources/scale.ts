import { isObject, valueAt } from "../json-value.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge.ts";
import { mediaTypeOf, readBody } from "../requests/body.ts";
import type { Answer, ResourceRequest } from "../requests/context.ts";
import { getTarget } from "../requests/read.ts";
import { formatSelector } from "../selectors/labels.ts";
import { badRequest, modified } from "../status-errors.ts";
import type { KubeObject } from "../store.ts";

/** Reads, replaces or patches the `Scale` of a workload (autoscaling/v1). Its replicas become the workload's. */
export const answerScale = (request: ResourceRequest): Answer => {
  const before = getTarget(request);
  const { verb } = request.target;
  if (verb === "get") return { status: 200, body: scaleOf(before) };
  const body = readBody(request);
  const isList = mediaTypeOf(request.headers).startsWith("application/json-patch");
  const desired =
    verb === "update" ? body : isList ? jsonPatch(scaleOf(before), body) : mergePatch(scaleOf(before), body);
  const replicas = valueAt(desired, ["spec", "replicas"]) ?? 0;
  const version = valueAt(desired, ["metadata", "resourceVersion"]);
  const { name, namespace, resourceVersion } = before.metadata;
  if (typeof replicas !== "number" || replicas < 0) throw badRequest("spec.replicas must be a number of at least 0");
  if (version && version !== resourceVersion) throw modified(request.type.name, name);
  if (request.query.get("dryRun") === "All") return { status: 200, body: desired };
  const after = request.cluster.store.change(request.type.name, name, namespace, (object) => {
    object.spec = { ...(isObject(object.spec) ? object.spec : {}), replicas };
  });
  return { status: 200, body: scaleOf(after ?? before) };
};

const scaleOf = ({ metadata, spec, status }: KubeObject) => {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = valueAt(spec, ["selector"]);
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: valueAt(spec, ["replicas"]) ?? 0 },
    status: {
      replicas: valueAt(status, ["replicas"]) ?? 0,
      ...(isObject(selector) ? { selector: formatSelector(selector) } : {}),
    },
  };
};
