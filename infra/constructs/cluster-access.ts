import { CfnOutput } from "aws-cdk-lib";
import { CfnAccessEntry, CfnPodIdentityAssociation } from "aws-cdk-lib/aws-eks";
import type { IEventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { DETAIL_TYPE, forwarderSource } from "../../shared/model/events.ts";
import type { Cluster } from "../deployment.ts";
import type { ControllerFunction } from "./controller-function.ts";

export interface ClusterAccessProps {
  readonly clusters: readonly Cluster[];
  /** The functions that call Kubernetes API servers, by name. */
  readonly functions: Readonly<Record<string, ControllerFunction>>;
  readonly bus: IEventBus;
}

/** The same names as in forwarder/manifests/. */
const FUNCTIONS_GROUP = "stratos-functions";
const FORWARDER_NAMESPACE = "stratos-system";
const FORWARDER_ACCOUNT = "stratos-forwarder";

/** Maps identities: the functions' roles to a Kubernetes group in each cluster, the forwarders' service account to an IAM role. */
export class ClusterAccess extends Construct {
  constructor(scope: Construct, id: string, { clusters, functions, bus }: ClusterAccessProps) {
    super(scope, id);
    for (const { name } of clusters) {
      for (const [functionName, { role }] of Object.entries(functions)) {
        new CfnAccessEntry(this, `Access-${name}-${functionName}`, {
          clusterName: name,
          principalArn: role.roleArn,
          type: "STANDARD",
          kubernetesGroups: [FUNCTIONS_GROUP],
        });
      }
      const forwarderRole = createForwarderRole(this, name, bus);
      new CfnPodIdentityAssociation(this, `Forwarder-${name}`, {
        clusterName: name,
        namespace: FORWARDER_NAMESPACE,
        serviceAccount: FORWARDER_ACCOUNT,
        roleArn: forwarderRole.roleArn,
      });
      new CfnOutput(this, `ForwarderRoleOf-${name}`, {
        value: forwarderRole.roleArn,
        description: `IAM role of the forwarder pods of cluster ${name}`,
      });
    }
  }
}

/**
 * Only the forwarder pods of one cluster can assume this role; it allows only sending that forwarder's events, so that no cluster can send another's
 * heartbeat or wake another's keys.
 */
const createForwarderRole = (scope: Construct, cluster: string, bus: IEventBus): Role => {
  // The tags that EKS sets on each session (EKS User Guide, "Grant Pods access to AWS resources based on tags").
  const StringEquals = {
    "aws:RequestTag/eks-cluster-name": cluster,
    "aws:RequestTag/kubernetes-namespace": FORWARDER_NAMESPACE,
    "aws:RequestTag/kubernetes-service-account": FORWARDER_ACCOUNT,
  };
  const role = new Role(scope, `ForwarderRole-${cluster}`, {
    assumedBy: new ServicePrincipal("pods.eks.amazonaws.com", { conditions: { StringEquals } }).withSessionTags(),
    description: `Permissions of the Stratos forwarder of cluster ${cluster}`,
  });
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: "SendOwnEvents",
      actions: ["events:PutEvents"],
      resources: [bus.eventBusArn],
      conditions: {
        StringEquals: { "events:source": forwarderSource(cluster), "events:detail-type": Object.values(DETAIL_TYPE) },
      },
    }),
  );
  return role;
};
