import { type ApiServer, request } from "../api-server.ts";
import type { End } from "./cluster.ts";

const FLOW_CONTROL = "/apis/flowcontrol.apiserver.k8s.io/v1";
const NAME = "closed";

/** A priority level without a seat, and a schema that sends one user's evictions to it. */
const OBJECTS = {
  prioritylevelconfigurations: {
    metadata: { name: NAME },
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: 0,
        lendablePercent: 0,
        borrowingLimitPercent: 0,
        limitResponse: { type: "Reject" },
      },
    },
  },
  flowschemas: {
    metadata: { name: NAME },
    spec: {
      priorityLevelConfiguration: { name: NAME },
      matchingPrecedence: 1000,
      rules: [
        {
          subjects: [{ kind: "User", user: { name: "nobody" } }],
          resourceRules: [{ verbs: ["create"], apiGroups: [""], resources: ["pods/eviction"], namespaces: ["*"] }],
        },
      ],
    },
  },
};

export const throttleRealEvictions = async (server: ApiServer): Promise<End> => {
  for (const [plural, object] of Object.entries(OBJECTS)) {
    const { status, body } = await request(server, "POST", `${FLOW_CONTROL}/${plural}`, object);
    if (status !== 201) throw new Error(`creating ${plural}: ${JSON.stringify(body)}`);
  }
  return async () => {
    for (const plural of Object.keys(OBJECTS).toReversed()) {
      await request(server, "DELETE", `${FLOW_CONTROL}/${plural}/${NAME}`);
    }
  };
};
