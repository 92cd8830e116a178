/** Builders for warmups with images to pull. */
import type { PoolSpec } from "../../../shared/model/api/pool-spec.ts";
import { anInstance, aSpec, type InstanceOverrides } from "./builders.ts";

export const OUTCOME = "stratos.sh/warmup-outcome";
/** As the pool names them. */
export const IMAGES = ["redis:8", "example.com/model:v1"];
/** The same images as kubelet reports them. */
export const PULLED = ["docker.io/library/redis:8", "example.com/model:v1"];
/** What is decided for an instance that becomes standby. */
export const STANDBY = ["applyNode", "completeTransition standby: WarmupCompleted"];

export const aWarmupSpec = (overrides: Partial<PoolSpec["preWarm"]> = {}): PoolSpec =>
  aSpec({ preWarm: { images: IMAGES, ...overrides } });

export const stoppedWarmup = (node: InstanceOverrides["node"], record: InstanceOverrides["record"] = {}) =>
  anInstance("warmup", { ec2: { state: "stopped" }, node, record: { images: IMAGES, ...record } });
