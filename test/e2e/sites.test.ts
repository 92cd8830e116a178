/** One deployment that serves a cluster beside it and one of another account and region. */
import { beforeAll, describe, expect, it } from "vitest";
import { createApp } from "../../infra/create-app.ts";
import { FUNCTIONS_FOLDER } from "../../infra/functions.ts";
import { HOME } from "../../local/aws/gateway/service.ts";
import type { Environment } from "../../local/environment/start.ts";
import type { KubeObject } from "../../local/kubernetes/api-server/store.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import {
  apply,
  burstOf,
  callsOf,
  instancesByState,
  isComplete,
  MINUTE,
  ONE_INSTANCE,
  quickStart,
  quickStartWith,
  startStratos,
  untilRunning,
} from "./stratos.ts";

const ELSEWHERE = { account: "210987654321", region: "eu-west-1", clusterName: "other" };

/** With the paths of the bundles, as `npm run synth` does it. */
const synthesize = (): string => {
  const { clusterName: name, account, region } = ELSEWHERE;
  const clusters = [{ name: "my-cluster" }, { name, account, region }];
  const outdir = temporaryFolder("sites");
  createApp(FUNCTIONS_FOLDER, {
    outdir,
    context: { clusters, ...HOME, "aws:cdk:enable-asset-metadata": true },
  }).synth();
  return outdir;
};

/** The quick start for the other cluster; its class names a role, so that the profile is made in that account. */
const quickStartElsewhere = (): KubeObject[] => {
  const text = JSON.stringify(quickStartWith(ONE_INSTANCE))
    .replaceAll("my-cluster", ELSEWHERE.clusterName)
    .replaceAll(HOME.region, ELSEWHERE.region);
  return (JSON.parse(text) as KubeObject[]).map((object) => {
    const { iamInstanceProfile: profile, ...spec } = object.spec as { iamInstanceProfile?: string };
    return profile === undefined ? object : { ...object, spec: { ...spec, role: "node-role" } };
  });
};

/** The environment as the helpers see it, with the other cluster and its EC2. */
const seenFromElsewhere = (environment: Environment): Environment => {
  if (!environment.elsewhere) throw new Error("there is no other cluster");
  return { ...environment, ...environment.elsewhere };
};

/** How many events rules on the bus have matched whose pattern contains the text. */
const matchedOnBus = ({ bus }: Environment, part: string): number =>
  bus
    .rules("stratos")
    .filter(({ pattern }) => JSON.stringify(pattern).includes(part))
    .reduce((sum, { metrics }) => sum + metrics.matched, 0);

describe("clusters of two accounts and regions", () => {
  let assembly = "";
  beforeAll(() => {
    assembly = synthesize();
  });

  it("get their instances where they are, from one deployment", async () => {
    const environment = await startStratos({ assembly, elsewhere: ELSEWHERE });
    const elsewhere = seenFromElsewhere(environment);
    await quickStart(environment, ONE_INSTANCE);
    await apply(elsewhere, quickStartElsewhere());
    await environment.until("the other pool's instance is standby", () => isComplete(elsewhere), {
      withinMs: 10 * MINUTE,
    });

    await apply(elsewhere, burstOf(1));
    await untilRunning(elsewhere, 1);

    expect(instancesByState(environment)).toEqual({ stopped: 1 });
    expect(instancesByState(elsewhere)).toEqual({ running: 1 });
    expect(callsOf(environment, "StartInstances")).toEqual([]);
    expect(callsOf(elsewhere, "StartInstances")).toHaveLength(1);
    const [machine] = elsewhere.ec2.machines.list();
    expect(machine?.zone).toMatch(/^eu-west-1/);
    for (const part of ['"aws.ec2"', '"stratos.forwarder/my-cluster"', '"stratos.forwarder/other"'])
      expect(matchedOnBus(environment, part)).toBeGreaterThan(0);
    expect(environment.functions.denials()).toEqual([]);
    expect(environment.elsewhere?.denials()).toEqual([]);
  });
});
