import { clusterArn } from "../../eks/eks.ts";
import { assertKnown, type CreateResource, physicalName, text } from "../resource.ts";
import { roleNameOf } from "./function.ts";

/** AWS::EKS::AccessEntry. */
export const createAccessEntry: CreateResource = (request, { accessEntries }) => {
  assertKnown(request, ["ClusterName", "PrincipalArn", "KubernetesGroups", "Username", "Type", "Tags"]);
  const clusterName = text(request, "ClusterName");
  const principalArn = text(request, "PrincipalArn");
  accessEntries.create({
    clusterName,
    principalArn,
    type: request.properties.Type as string | undefined,
    kubernetesGroups: (request.properties.KubernetesGroups ?? []) as readonly string[],
    username: request.properties.Username as string | undefined,
  });
  return { ref: `${principalArn}|${clusterName}`, attributes: { AccessEntryArn: physicalName(request) } };
};

/** AWS::EKS::PodIdentityAssociation. Throws unless EKS may assume the role for these pods. */
export const createPodIdentityAssociation: CreateResource = (request, { podIdentities, roles, account, region }) => {
  assertKnown(request, ["ClusterName", "Namespace", "ServiceAccount", "RoleArn", "Tags"]);
  const clusterName = text(request, "ClusterName");
  const namespace = text(request, "Namespace");
  const serviceAccount = text(request, "ServiceAccount");
  const roleName = roleNameOf(text(request, "RoleArn"));
  roles.assertTrusts(roleName, "pods.eks.amazonaws.com", ["sts:AssumeRole", "sts:TagSession"], {
    "aws:SourceAccount": account,
    "aws:SourceArn": clusterArn(clusterName, { account, region }),
    "aws:RequestTag/eks-cluster-arn": clusterArn(clusterName, { account, region }),
    "aws:RequestTag/eks-cluster-name": clusterName,
    "aws:RequestTag/kubernetes-namespace": namespace,
    "aws:RequestTag/kubernetes-service-account": serviceAccount,
  });
  podIdentities.associate({ clusterName, namespace, serviceAccount, roleName });
  const id = physicalName(request);
  return { ref: id, attributes: { AssociationId: id, AssociationArn: id } };
};
