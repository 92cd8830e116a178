/**
 * The protobuf messages that kubectl sends (`create deployment`, `auth can-i`, `drain`), with the field numbers of Kubernetes's
 * generated.proto files, v1.36. Fields that kubectl never sets are not listed; the decoder rejects them instead of dropping
 * them.
 */

export interface Field {
  readonly name: string;
  /** `string`, `int`, `bool`, `bytes`, `time`, `quantity`, `ignored`, or the name of a message. */
  readonly type: string;
  readonly cardinality: "one" | "list" | "map";
  /** Whether the Go field is a pointer. Zero is a value for a pointer; for other fields it means that the field is not set. */
  readonly isPointer: boolean;
}

/** Each line is a message: its name, then `number:field:type`. The default type is string; `[]` is a list, `{}` a map, `*` a pointer. */
const MESSAGES = `
Unknown 1:typeMeta:TypeMeta 2:raw:bytes 3:contentEncoding 4:contentType
TypeMeta 1:apiVersion 2:kind
ObjectMeta 1:name 2:generateName 3:namespace 4:selfLink 5:uid 6:resourceVersion 7:generation:int 8:creationTimestamp:time 11:labels{} 12:annotations{} 14:finalizers[]
Namespace 1:metadata:ObjectMeta 2:spec:NamespaceSpec 3:status:ignored
NamespaceSpec 1:finalizers[]
ServiceAccount 1:metadata:ObjectMeta
ConfigMap 1:metadata:ObjectMeta 2:data{} 4:immutable:bool*
Secret 1:metadata:ObjectMeta 2:data:bytes{} 3:type 5:immutable:bool*
Role 1:metadata:ObjectMeta 2:rules:PolicyRule[]
ClusterRole 1:metadata:ObjectMeta 2:rules:PolicyRule[]
PolicyRule 1:verbs[] 2:apiGroups[] 3:resources[] 4:resourceNames[] 5:nonResourceURLs[]
RoleBinding 1:metadata:ObjectMeta 2:subjects:Subject[] 3:roleRef:RoleRef
ClusterRoleBinding 1:metadata:ObjectMeta 2:subjects:Subject[] 3:roleRef:RoleRef
Subject 1:kind 2:apiGroup 3:name 4:namespace
RoleRef 1:apiGroup 2:kind 3:name
Deployment 1:metadata:ObjectMeta 2:spec:DeploymentSpec 3:status:ignored
DeploymentSpec 1:replicas:int* 2:selector:LabelSelector 3:template:PodTemplateSpec 4:strategy:DeploymentStrategy 5:minReadySeconds:int 6:revisionHistoryLimit:int* 7:paused:bool 9:progressDeadlineSeconds:int*
DeploymentStrategy 1:type
LabelSelector 1:matchLabels{} 2:matchExpressions:LabelSelectorRequirement[]
LabelSelectorRequirement 1:key 2:operator 3:values[]
PodTemplateSpec 1:metadata:ObjectMeta 2:spec:PodSpec
PodSpec 2:containers:Container[] 3:restartPolicy 4:terminationGracePeriodSeconds:int* 6:dnsPolicy 7:nodeSelector{} 8:serviceAccountName 9:serviceAccount 10:nodeName 11:hostNetwork:bool 12:hostPID:bool 13:hostIPC:bool 16:hostname 17:subdomain 19:schedulerName 20:initContainers:Container[] 24:priorityClassName
Container 1:name 2:image 3:command[] 4:args[] 5:workingDir 6:ports:ContainerPort[] 7:env:EnvVar[] 8:resources:ResourceRequirements 13:terminationMessagePath 14:imagePullPolicy 16:stdin:bool 17:stdinOnce:bool 18:tty:bool 20:terminationMessagePolicy
ContainerPort 1:name 2:hostPort:int 3:containerPort:int 4:protocol 5:hostIP
EnvVar 1:name 2:value
ResourceRequirements 1:limits:quantity{} 2:requests:quantity{}
Job 1:metadata:ObjectMeta 2:spec:JobSpec 3:status:ignored
JobSpec 1:parallelism:int* 2:completions:int* 3:activeDeadlineSeconds:int* 6:template:PodTemplateSpec 7:backoffLimit:int* 8:ttlSecondsAfterFinished:int*
PodDisruptionBudget 1:metadata:ObjectMeta 2:spec:PodDisruptionBudgetSpec 3:status:ignored
PodDisruptionBudgetSpec 1:minAvailable:intOrString 2:selector:LabelSelector 3:maxUnavailable:intOrString 4:unhealthyPodEvictionPolicy*
PriorityClass 1:metadata:ObjectMeta 2:value:int 3:globalDefault:bool 4:description 5:preemptionPolicy*
Eviction 1:metadata:ObjectMeta 2:deleteOptions:DeleteOptions
DeleteOptions 1:gracePeriodSeconds:int* 2:preconditions:Preconditions 3:orphanDependents:bool* 4:propagationPolicy* 5:dryRun[]
Preconditions 1:uid* 2:resourceVersion*
SelfSubjectReview 1:metadata:ObjectMeta 2:status:ignored
SelfSubjectAccessReview 1:metadata:ObjectMeta 2:spec:SelfSubjectAccessReviewSpec 3:status:ignored
SelfSubjectAccessReviewSpec 1:resourceAttributes:ResourceAttributes 2:nonResourceAttributes:NonResourceAttributes
ResourceAttributes 1:namespace 2:verb 3:group 4:version 5:resource 6:subresource 7:name
NonResourceAttributes 1:path 2:verb
TokenRequest 1:metadata:ObjectMeta 2:spec:TokenRequestSpec 3:status:ignored
TokenRequestSpec 1:audiences[] 4:expirationSeconds:int*
`;

const parseField = (text: string): [number, Field] => {
  const [, number, name = "", type = "string", suffix, pointer] =
    /^(\d+):(\w+)(?::(\w+))?(\[\]|\{\})?(\*)?$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} describes no field`);
  const cardinalities: Readonly<Record<string, Field["cardinality"]>> = { "[]": "list", "{}": "map" };
  return [
    Number(number),
    { name, type, cardinality: cardinalities[suffix ?? ""] ?? "one", isPointer: pointer !== undefined },
  ];
};

const parseMessage = (line: string): [string, ReadonlyMap<number, Field>] => {
  const [name = "", ...fields] = line.split(" ");
  return [name, new Map(fields.map(parseField))];
};

/** The fields of each message by number. */
export const messages: ReadonlyMap<string, ReadonlyMap<number, Field>> = new Map(
  MESSAGES.trim().split("\n").map(parseMessage),
);
