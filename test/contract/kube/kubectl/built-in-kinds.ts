/** kubectl on the built-in kinds that matter to users of Stratos, with a node without a kubelet. */
import { fails, step } from "./step.ts";

const NODE = "ip-10-0-0-1.ec2.internal";

const node = `
apiVersion: v1
kind: Node
metadata:
  name: ${NODE}
  labels: { kubernetes.io/hostname: ${NODE}, kubernetes.io/os: linux, stratos.sh/pool: workers, stratos.sh/state: standby }
  annotations: { stratos.sh/last-started: "2026-11-01T00:00:00Z" }
spec:
  providerID: aws:///us-east-1a/i-0123456789abcdef0
  unschedulable: true
  taints: [{ key: stratos.sh/standby, effect: NoExecute }, { key: dedicated, value: ci, effect: NoSchedule }]
`;

const nodeStatus = JSON.stringify({
  status: {
    capacity: { cpu: "2", memory: "8Gi", pods: "29" },
    allocatable: { cpu: "1930m", memory: "7Gi", pods: "29" },
    addresses: [
      { type: "InternalIP", address: "10.0.0.1" },
      { type: "Hostname", address: NODE },
    ],
    conditions: [
      {
        type: "Ready",
        status: "True",
        reason: "KubeletReady",
        message: "kubelet is posting ready status",
        lastHeartbeatTime: "2026-11-01T00:00:00Z",
        lastTransitionTime: "2026-11-01T00:00:00Z",
      },
    ],
    nodeInfo: {
      architecture: "amd64",
      bootID: "boot",
      containerRuntimeVersion: "containerd://2.1.5",
      kernelVersion: "6.12.46",
      kubeProxyVersion: "",
      kubeletVersion: "v1.36.3",
      machineID: "machine",
      operatingSystem: "linux",
      osImage: "Amazon Linux 2023",
      systemUUID: "system",
    },
  },
});

export const NODE_STEPS = [
  step("apply -f -", /created/, { input: node }),
  step("get nodes", /Unknown,SchedulingDisabled/),
  step(`get node ${NODE} -o yaml`, /node\.kubernetes\.io\/not-ready/),
  step(`patch node ${NODE} --subresource=status --type=strategic -p '${nodeStatus}'`, /patched/),
  step("get nodes -o wide", /Ready,SchedulingDisabled.*v1\.36\.3 +10\.0\.0\.1 +<none> +Amazon Linux 2023/),
  step("get nodes -l stratos.sh/state=standby -L stratos.sh/pool,stratos.sh/state", /workers +standby/),
  step("get nodes --field-selector spec.unschedulable=true -o name", /ip-10-0-0-1/),
  step(`describe node ${NODE}`, /Taints: +stratos\.sh\/standby:NoExecute/),
  step(`get node ${NODE} -o yaml`, /providerID: aws:/),
  step(`uncordon ${NODE}`, /uncordoned/),
  step(`uncordon ${NODE}`, /already uncordoned/),
  step(`cordon ${NODE}`, /cordoned/),
  step(`taint node ${NODE} dedicated-`, /untainted/),
  step(`taint node ${NODE} team=a:NoSchedule`, /tainted/),
  fails(`taint node ${NODE} team=b:NoSchedule`, /already has team taint/),
  step(`taint node ${NODE} team=b:NoSchedule --overwrite`, /modified/),
  step(`get node ${NODE} -o jsonpath={.spec}`, /"team","value":"b"|"key":"team"/),
  fails(`patch node ${NODE} -p {"spec":{"providerID":"aws:///us-east-1a/i-1"}}`, /may not change providerID/),
  fails(`patch node ${NODE} -p '{"spec":{"taints":[{"key":"a","effect":"Never"}]}}'`, /supported values: "NoSchedule"/),
  fails("get node nothing", /nodes "nothing" not found/),
];

const pod = (name: string, spec: string): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: { name: "${name}", labels: { app: web } }\nspec: { ${spec} }\n`;

const ROOMY =
  "containers: [{ name: main, image: nginx, resources: { requests: { cpu: 100m }, limits: { memory: 1Gi } } }]";

const event = `
apiVersion: v1
kind: Event
metadata: { name: web.1, namespace: default }
involvedObject: { apiVersion: v1, kind: Pod, name: web, namespace: default }
type: Warning
reason: FailedScheduling
message: 0/1 nodes are available
source: { component: default-scheduler }
firstTimestamp: "2026-11-01T00:00:00Z"
lastTimestamp: "2026-11-01T00:00:00Z"
count: 3
`;

export const POD_STEPS = [
  step("apply -f -", /created/, { input: pod("web", ROOMY) }),
  step("get pods", /web +0\/1 +Pending/),
  step("get pods -o wide", /<none> +<none>/),
  step("get pod web -o yaml", /qosClass: Burstable/),
  step("apply -f -", /created/, { input: event }),
  step("get events", /FailedScheduling +pod\/web/),
  step("get events -o wide", /default-scheduler/),
  step("describe pod web", /QoS Class: +Burstable/),
  step("apply -f -", /created/, { input: pod("bound", `nodeName: ${NODE}, ${ROOMY}`) }),
  step(`get pods --field-selector spec.nodeName=${NODE},status.phase!=Failed`, /bound/),
  fails("get pods --field-selector spec.nodeNam=x", /field label not supported/),
  step(`describe node ${NODE}`, /bound +100m/),
  step("create -f -", /gen-/, {
    input: `apiVersion: v1\nkind: Pod\nmetadata: { generateName: gen- }\nspec: { ${ROOMY} }\n`,
  }),
  step("apply --dry-run=server -f -", /created \(server dry run\)/, { input: pod("dry", ROOMY) }),
  fails("get pod dry", /not found/),
  fails("wait --for=condition=Ready pod/web --timeout=1s", /timed out/),
  step("delete pod web --now", /deleted/),
  step("delete pod bound --force --grace-period=0", /force deleted/),
  step("get pods -l app=web", /No resources found/),
];

const deployment = (spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web }\nspec: { ${spec} }\n`;

const template = (container: string, labels = "a: b"): string =>
  `selector: { matchLabels: { a: b } }, template: { metadata: { labels: { ${labels} } }, spec: { containers: [{ name: main, ${container} }] } }`;

const budget = `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: guard }
spec: { minAvailable: 1, selector: { matchLabels: { a: b } } }
`;

export const WORKLOAD_STEPS = [
  step("apply -f examples/burst", /created/),
  step("get deploy -o wide", /burst +0\/4/),
  step("describe deploy burst", /RollingUpdate/),
  step("get deploy burst -o yaml", /progressDeadlineSeconds: 600/),
  step("scale deploy/burst --replicas=0", /scaled/),
  step("delete -f examples/burst", /deleted/),
  step("apply -f -", /created/, { input: budget }),
  step("get pdb", /guard +1 +N\/A +0/),
  step("describe pdb guard", /Min available: +1/),
  step("delete pdb guard", /deleted/),
  step("apply --server-side -f -", /serverside-applied/, {
    input: deployment(template("image: nginx, ports: [{ containerPort: 80 }], env: [{ name: A, value: '1' }]")),
  }),
  step("get deploy web -o yaml --show-managed-fields", /manager: kubectl/),
  fails("apply --server-side --field-manager=other -f -", /conflict with "kubectl": \.spec\.template/, {
    input: deployment(template("image: redis, env: [{ name: B, value: '1' }]")),
  }),
  step("apply --server-side --field-manager=other --force-conflicts -f -", /serverside-applied/, {
    input: deployment(template("image: redis, env: [{ name: B, value: '1' }]")),
  }),
  step("apply -f -", /configured/, { input: deployment(template("image: redis, env: [{ name: C, value: '1' }]")) }),
  step("get deploy web -o yaml", /last-applied-configuration/),
  step("get deploy -A", /default +web/),
  step("delete deploy --all", /deleted/),
];

export const REFUSED_BUILT_IN_STEPS = [
  fails("apply -f -", /spec\.selector: Required value/, {
    input: deployment("template: { spec: { containers: [{ name: a, image: b }] } }"),
  }),
  fails("apply -f -", /`selector` does not match template `labels`/, {
    input: deployment(template("image: b", "a: c")),
  }),
  fails("apply -f -", /unknown field "spec\.template\.spec\.containers\[0\]\.resource"/, {
    input: deployment(`replica: 1, ${template("image: b, resource: {}")}`),
  }),
  fails("apply -f -", /cannot unmarshal string into Go struct field DeploymentSpec\.spec\.replicas of type int32/, {
    input: deployment(`replicas: two, ${template("image: b")}`),
  }),
  fails("apply -f -", /cannot unmarshal number into Go struct field .*containers\.env\.value of type string/, {
    input: deployment(template("image: b, env: [{ name: A, value: 1 }]")),
  }),
  fails("apply -f -", /cannot unmarshal object into Go struct field .*containers of type \[\]v1\.Container/, {
    input: pod("bad", "containers: { name: main, image: nginx }"),
  }),
  fails("apply -f -", /cannot unmarshal bool into Go struct field ObjectMeta\.metadata\.labels of type string/, {
    input: "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad, labels: { a: true } }\n",
  }),
  fails("apply -f -", /cannot unmarshal number into Go struct field ObjectMeta\.metadata\.labels of type string/, {
    input: "apiVersion: stratos.sh/v1alpha1\nkind: NodePool\nmetadata: { name: bad, labels: { a: 1 } }\nspec: {}\n",
  }),
  fails("apply -f -", /quantities must match the regular expression/, {
    input: pod("bad", "containers: [{ name: main, image: nginx, resources: { requests: { cpu: one } } }]"),
  }),
  fails("apply -f -", /spec\.containers\[0\]\.image: Required value/, {
    input: pod("bad", "containers: [{ name: main }]"),
  }),
  fails("apply -f -", /spec\.containers: Required value/, { input: pod("bad", "containers: []") }),
  fails("apply -f -", /lowercase RFC 1123 subdomain/, { input: pod("b d", ROOMY) }),
  fails("apply -f -", /namespaces "nowhere" not found/, {
    input: `apiVersion: v1\nkind: Pod\nmetadata: { name: bad, namespace: nowhere }\nspec: { ${ROOMY} }\n`,
  }),
  fails("apply -f -", /taints\[0\]\.effect: Unsupported value/, {
    input: "apiVersion: v1\nkind: Node\nmetadata: { name: bad }\nspec: { taints: [{ key: a, effect: Never }] }\n",
  }),
  fails("apply -f -", /a valid label must be/, {
    input: `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: bad, labels: { a: "b c" } }\n`,
  }),
];

const role = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: pod-reader }
rules: [{ apiGroups: [""], resources: [pods], verbs: [get, list] }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: pod-reader }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: pod-reader }
subjects: [{ kind: User, name: reader, apiGroup: rbac.authorization.k8s.io }]
`;

export const ACCESS_STEPS = [
  fails("get nodes", /the server has asked for the client to provide credentials/, { as: "stranger" }),
  fails("get nodes", /User "nobody" cannot list resource "nodes" in API group "" at the cluster scope/, {
    as: "nobody",
  }),
  fails("get np workers", /nodepools\.stratos\.sh "workers" is forbidden/, { as: "nobody" }),
  fails("delete pod web", /cannot delete resource "pods" in API group "" in the namespace "default"/, { as: "nobody" }),
  fails("apply -f -", /pods "web" is forbidden/, { as: "nobody", input: pod("web", ROOMY) }),
  fails("get pods -A", /cannot list resource "pods"/, { as: "reader" }),
  step("apply -f -", /clusterrolebinding\.rbac\.authorization\.k8s\.io\/pod-reader created/, { input: role }),
  step("get clusterrolebinding pod-reader -o wide", /ClusterRole\/pod-reader/),
  step("describe clusterrole pod-reader", /\[get list\]/),
  step("get pods -n kube-system", /No resources found/, { as: "reader" }),
  fails("delete pod web", /cannot delete resource "pods"/, { as: "reader" }),
];
