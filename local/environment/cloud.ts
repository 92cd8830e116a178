import { type BaseCloud, startBaseCloud } from "../aws/cloudformation/base-cloud.ts";
import { createEc2, type Ec2 } from "../aws/ec2/ec2.ts";
import type { Ec2Profile } from "../aws/ec2/profile.ts";
import { seedDefaults } from "../aws/ec2/seed-defaults.ts";
import type { TransitionTimes } from "../aws/ec2/transition-times.ts";
import { USUAL_ENTRY_DELAY_MS } from "../aws/eks/access-entries.ts";
import { createEks, type Eks, type EksCluster } from "../aws/eks/eks.ts";
import type { BusFaults } from "../aws/eventbridge/faults.ts";
import type { Place } from "../aws/gateway/service.ts";
import { createIam } from "../aws/iam/iam.ts";
import { createInstanceProfiles } from "../aws/iam/instance-profiles.ts";
import { usualColdStart } from "../aws/lambda/cold-start.ts";
import { createParameters, type Parameters } from "../aws/ssm/parameters.ts";
import { createSsm } from "../aws/ssm/ssm.ts";
import { type Messaging, messagingFaults } from "./messaging.ts";
import { seededRandom } from "./random.ts";

export interface CloudOptions {
  readonly speed: number;
  readonly startAt?: number;
  readonly messaging?: Messaging;
  readonly faults?: BusFaults;
  readonly seed: number;
  /** The EKS cluster of each place. */
  readonly clusters: readonly CloudCluster[];
  readonly elsewhere?: Place;
  readonly idleConnectionMs?: number;
  readonly transitionTimes?: TransitionTimes;
  readonly account?: Ec2Profile;
}

interface CloudCluster {
  readonly name: string;
  readonly place: Place;
  /** Returns undefined until the API server listens. */
  apiServer(): { readonly url: string; readonly caPem: string } | undefined;
}

/** The version that the API server reports. */
const KUBERNETES_VERSION = "1.36";

const isIn = (place: Place, other: Place): boolean => place.account === other.account && place.region === other.region;

/** The place's cluster, in the network that `seedDefaults` creates. */
const clustersOf = ({ clusters }: CloudOptions, place: Place, { world }: Ec2): EksCluster[] => {
  const cluster = clusters.find((one) => isIn(place, one.place));
  const server = cluster?.apiServer();
  if (!cluster || !server) return [];
  return [
    {
      name: cluster.name,
      endpoint: server.url,
      caPem: server.caPem,
      version: KUBERNETES_VERSION,
      vpcId: [...world.vpcs.keys()][0] ?? "",
      subnetIds: [...world.subnets.keys()],
      securityGroupIds: [...world.groups.keys()],
    },
  ];
};

interface PlaceServices {
  readonly ec2: Ec2;
  readonly eks: Eks;
  readonly parameters: Parameters;
}

interface Cloud {
  readonly base: BaseCloud;
  at(place: Place): PlaceServices;
}

/** Starts the simulated cloud with all of its services and a seeded account, with nothing deployed. */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  const { speed, startAt, seed } = options;
  const messaging = messagingFaults(options.messaging ?? "usual");
  const made: (Place & PlaceServices)[] = [];
  const base = await startBaseCloud({
    speed,
    startAt,
    elsewhere: options.elsewhere,
    idleConnectionMs: options.idleConnectionMs,
    ...messaging,
    accessEntryDelayMs: USUAL_ENTRY_DELAY_MS,
    coldStartMs: usualColdStart(seededRandom(seed + 4)),
    ...(options.faults && { faults: options.faults }),
    random: seededRandom(seed),
    services: ({ clock, stackServices }) => {
      const { account, region } = stackServices;
      const profiles = createInstanceProfiles({ account, now: clock.now });
      const created = createEc2({
        ...options.account,
        clock,
        random: seededRandom(seed + 1),
        emit: (event) => void stackServices.events.put("default", event),
        account,
        region,
        profiles,
        transitionTimes: options.transitionTimes ?? options.account?.transitionTimes,
      });
      const parameters = createParameters(clock.now);
      const eks = createEks(() => clustersOf(options, stackServices, created), stackServices);
      made.push({ account, region, ec2: created, eks, parameters });
      seedDefaults(created.world, parameters);
      return [
        created.service,
        createIam(profiles),
        createSsm({ parameters, account, region, now: clock.now }),
        eks.service,
      ];
    },
  });
  const at = (place: Place): PlaceServices => {
    const services = made.find((one) => isIn(place, one));
    if (!services) throw new Error(`the cloud has nothing in account ${place.account} and region ${place.region}`);
    return services;
  };
  return { base, at };
};
