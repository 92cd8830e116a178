import { HOME } from "../../../local/aws/gateway/service.ts";
import { startCloud } from "../../../local/environment/cloud.ts";
import { holdClock } from "../../local/aws/sqs/held.ts";
import { endpointAt } from "../endpoint.ts";
import { type Cloud, createClients, destroyClients, GIVEN } from "./cloud.ts";

/** Longer than the bus ever takes. */
const EVENTS_TAKE_MS = 1000;

/** The simulated cloud over HTTP, with nothing deployed. Its time passes only on request. */
export const startSimulatedCloud = async (): Promise<Cloud> => {
  const { base, at } = await startCloud({
    speed: Number.POSITIVE_INFINITY,
    seed: 1,
    clusters: [
      { name: GIVEN.cluster, place: HOME, apiServer: () => ({ url: "https://127.0.0.1:1", caPem: "a certificate" }) },
    ],
    messaging: "exact",
  });
  const { ec2, parameters } = at(HOME);
  const time = holdClock(base.clock);
  // The suites launch faster than EC2 allows, and they do not test throttling.
  ec2.faults.setThrottling(false);
  for (const role of GIVEN.roles) ec2.world.profiles.addRole(role);
  parameters.put(GIVEN.ownParameter.name, GIVEN.ownParameter.value);
  const clients = createClients(endpointAt(base.gateway.url));
  return {
    ...clients,
    url: base.gateway.url,
    pass: time.pass,
    lookEveryMs: 5000,
    settle: () => time.pass(EVENTS_TAKE_MS),
    stop: async () => {
      destroyClients(clients);
      await base.stop();
      if (base.crashes().length > 0) throw new AggregateError(base.crashes(), "the simulated cloud has a bug");
    },
  };
};
