/** The simulated cloud with the synthesized stack, and a real cluster, in real time. */
import { synthesize } from "../../infra/synth.ts";
import type { TransitionTimes } from "../../local/aws/ec2/transition-times.ts";
import { type Environment, startWithCluster } from "../../local/environment/start.ts";
import { type RealCluster, requirePrograms, startRealCluster } from "./real-cluster.ts";

export type Real = Environment<RealCluster>;

/** EC2 takes ten times as long; waiting for it adds nothing here. */
const SHORT_TIMES: TransitionTimes = {
  launch: [1_500, 2_000],
  start: [1_500, 2_000],
  stop: [1_000, 1_500],
  forcedStop: [500, 800],
  terminate: [1_000, 1_500],
};

/** Throws if a program is missing in `KUBEBUILDER_ASSETS`; the message names it and says how to get it. */
export const startReal = async (): Promise<Real> => {
  requirePrograms();
  return startWithCluster({ speed: 1, assembly: await synthesize(), transitionTimes: SHORT_TIMES }, startRealCluster);
};
