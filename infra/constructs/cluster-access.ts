import { CfnAccessEntry, CfnPodIdentityAssociation } from "aws-cdk-lib/aws-eks";
import { type IRole, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import { DETAIL_TYPE, forwarderSource } from "../../shared/model/events.ts";
import type { Cluster } from "../deployment.ts";
import type { KubernetesFunctionName } from "../functions.ts";

export interface ClusterAccessProps {
  readonly clusters: readonly Cluster[];
  /** The roles with which the functions reach the clusters. */
  readonly roles: Readonly<Record<KubernetesFunctionName, IRole>>;
  readonly busArn: string;
}

/** The same names as in forwarder/manifests/. */
const NODE_GROUP = "stratos-functions";
const CLASS_GROUP = "stratos-class-functions";
const GROUPS: Readonly<Record<KubernetesFunctionName, string>> = {
  demand: NODE_GROUP,
  pool: NODE_GROUP,
  // Neither of these two touches nodes or pods.
  nodeclass: CLASS_GROUP,
  sweep: CLASS_GROUP,
};
const FORWARDER_NAMESPACE = "stratos-system";
const FORWARDER_ACCOUNT = "stratos-forwarder";

/** Maps identities: the functions' roles to Kubernetes groups in each cluster, the forwarders' service account to an IAM role. */
export class ClusterAccess extends Construct {
  /** By cluster. */
  readonly forwarderRoles: Readonly<Record<string, Role>>;

  constructor(scope: Construct, id: string, { clusters, roles, busArn }: ClusterAccessProps) {
    super(scope, id);
    const forwarderRoles: Record<string, Role> = {};
    for (const { name } of clusters) {
      for (const [functionName, group] of Object.entries(GROUPS) as [KubernetesFunctionName, string][]) {
        new CfnAccessEntry(this, `Access-${name}-${functionName}`, {
          clusterName: name,
          principalArn: roles[functionName].roleArn,
          type: "STANDARD",
          kubernetesGroups: [group],
        });
      }
      const forwarderRole = createForwarderRole(this, name, busArn);
      new CfnPodIdentityAssociation(this, `Forwarder-${name}`, {
        clusterName: name,
        namespace: FORWARDER_NAMESPACE,
        serviceAccount: FORWARDER_ACCOUNT,
        roleArn: forwarderRole.roleArn,
      });
      forwarderRoles[name] = forwarderRole;
    }
    this.forwarderRoles = forwarderRoles;
  }
}

/**
 * Only the forwarder pods of one cluster can assume this role; it allows only sending that forwarder's events, so that no cluster can send another's
 * heartbeat or wake another's keys.
 */
const createForwarderRole = (scope: Construct, cluster: string, busArn: string): Role => {
  // The tags that EKS sets on each session (EKS User Guide, "Grant Pods access to AWS resources based on tags").
  const StringEquals = {
    "aws:RequestTag/eks-cluster-name": cluster,
    "aws:RequestTag/kubernetes-namespace": FORWARDER_NAMESPACE,
    "aws:RequestTag/kubernetes-service-account": FORWARDER_ACCOUNT,
  };
  const sendOwnEvents = new PolicyStatement({
    sid: "SendOwnEvents",
    actions: ["events:PutEvents"],
    resources: [busArn],
    conditions: {
      StringEquals: { "events:source": forwarderSource(cluster), "events:detail-type": Object.values(DETAIL_TYPE) },
    },
  });
  return new Role(scope, `ForwarderRole-${cluster}`, {
    assumedBy: new ServicePrincipal("pods.eks.amazonaws.com", { conditions: { StringEquals } }).withSessionTags(),
    description: `Permissions of the Stratos forwarder of cluster ${cluster}`,
    // Within the role, because a stack's resources are limited.
    inlinePolicies: { SendOwnEvents: new PolicyDocument({ statements: [sendOwnEvents] }) },
  });
};
