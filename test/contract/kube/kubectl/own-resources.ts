/** kubectl on Stratos's own resources. */
import { fails, step } from "./step.ts";

const pool = (name: string, fields: string): string => `
apiVersion: stratos.sh/v1alpha1
kind: NodePool
metadata: { name: ${name} }
spec: { template: { nodeClassRef: { kind: AWSNodeClass, name: workers } }, ${fields} }
`;

const ready = (status: string): string =>
  `{"type":"Ready","status":"${status}","reason":"Standby","message":"2 of 2","lastTransitionTime":"2026-11-01T00:00:00Z"}`;

export const FIRST_STEPS = [
  step("apply -f crds/nodepools.yaml -f crds/awsnodeclasses.yaml", /nodepools\.stratos\.sh created/),
  step("wait --for=condition=Established crd --all --timeout=20s", /condition met/),
  step("api-resources --api-group=stratos.sh", /np,npool/),
  step("get nodepools", /No resources found/),
  step("apply -f examples/quickstart", /nodepool\.stratos\.sh\/workers created/),
  step("apply -f examples/quickstart", /nodepool\.stratos\.sh\/workers unchanged/),
  step("diff -f examples/quickstart", /^$/m),
  step("get np,awsnc", /POOLSIZE +DESIRED +WARMUP/),
  step("get np -o wide", /workers +10 /),
  step("get awsnc -o wide", /m5\.large/),
  step("get nodepool workers -o yaml", /emptyNodeTTL: 5m/),
  step("get awsnodeclass workers -o json", /"httpTokens": "required"/),
  step("describe nodepool workers", /Pool Size: +10/),
  step("describe awsnc workers", /Instance Type: +m5\.large/),
  step("explain nodepool.spec.preWarm", /timeoutAction/),
  step("explain nodepool.spec.template --recursive", /startupTaints/),
];

export const CHANGING_STEPS = [
  step("create -f -", /nodepool\.stratos\.sh\/ci created/, { input: pool("ci", "poolSize: 4, minStandby: 2") }),
  fails("create -f -", /already exists/, { input: pool("ci", "poolSize: 4, minStandby: 2") }),
  step(`patch np ci --type=merge -p {"spec":{"poolSize":5}}`, /patched/),
  step(`patch np ci --type=merge -p {"spec":{"poolSize":5}}`, /patched \(no change\)/),
  step(`patch np ci --type=json -p [{"op":"replace","path":"/spec/poolSize","value":6}]`, /patched/),
  fails(`patch np ci --type=json -p [{"op":"test","path":"/spec/poolSize","value":1}]`, /The request is invalid/),
  fails(`patch np ci -p {"spec":{"poolSize":7}}`, /strategic-merge-patch\+json is not supported/),
  fails(`patch np ci --type=merge -p {"spec":{"poolSize":1}}`, /minStandby .*must not be greater than poolSize/),
  step(
    `patch np ci --subresource=status --type=merge -p '{"status":{"desiredStandby":2,"warmup":1,"standby":2,"running":0,"conditions":[${ready("True")}]}}'`,
    /patched/,
  ),
  step("get np ci", /ci +6 +2 +1 +2 +0 +True/),
  step("wait --for=condition=Ready np/ci --timeout=5s", /condition met/),
  step("wait --for=jsonpath={.status.standby}=2 np/ci --timeout=5s", /condition met/),
  fails("wait --for=condition=Degraded np/ci --timeout=1s", /timed out waiting/),
  step("label np ci team=build", /labeled/),
  fails("label np ci team=test", /already has a value \(build\)/),
  step("annotate np ci 'note=two words'", /annotated/),
  step("get np -l team=build", /ci/),
  step("get np -l team!=build --show-labels", /<none>/),
  step("get np -l 'team in (build, test)' -o name", /nodepool\.stratos\.sh\/ci/),
  step("get np --field-selector metadata.name=ci -o name", /nodepool\.stratos\.sh\/ci/),
  fails("get np --field-selector spec.poolSize=6", /field label not supported: spec\.poolSize/),
  step("get np -o jsonpath={.items[*].metadata.name}", /ci workers/),
  step("get np -o custom-columns=NAME:.metadata.name,SIZE:.spec.poolSize --sort-by=.spec.poolSize", /workers +10/),
  step("get np --chunk-size=1", /ci.*workers/s),
  step("replace -f -", /replaced/, { input: pool("ci", "poolSize: 4, minStandby: 1") }),
  step("delete np ci", /deleted/),
  fails("delete np ci", /nodepools\.stratos\.sh "ci" not found/),
  step("delete np ci --ignore-not-found", /^$/m),
  fails("wait --for=condition=Ready np/ci --timeout=1s", /not found/),
  step("wait --for=delete np/ci --timeout=1s", /^$/m),
];

const apply = (manager: string, more = ""): string => `apply --server-side --field-manager=${manager} ${more} -f -`;

export const SERVER_SIDE_STEPS = [
  step(apply("me"), /serverside-applied/, { input: pool("shared", "poolSize: 4, minStandby: 2") }),
  step(apply("me"), /serverside-applied/, { input: pool("shared", "poolSize: 4, minStandby: 2") }),
  fails(apply("you"), /conflict with "me": \.spec\.poolSize/, { input: pool("shared", "poolSize: 5, minStandby: 2") }),
  fails(apply("you"), /conflicts with "me"/, { input: pool("shared", "poolSize: 5, minStandby: 3") }),
  step(apply("you", "--force-conflicts"), /serverside-applied/, {
    input: pool("shared", "poolSize: 5, minStandby: 2, maxNodeRuntime: 1h"),
  }),
  step("get np shared -o yaml --show-managed-fields", /manager: you/),
  step(apply("you"), /serverside-applied/, { input: pool("shared", "minStandby: 2, poolSize: 5") }),
  step("get np shared -o yaml --show-managed-fields", /poolSize: 5/),
  step(`patch np shared --type=merge -p {"spec":{"poolSize":9}} --field-manager=editor`, /patched/),
  fails(apply("you"), /conflict with "editor" using stratos\.sh\/v1alpha1/, {
    input: pool("shared", "poolSize: 5, minStandby: 2"),
  }),
  step("delete np shared", /deleted/),
];

export const REFUSED_STEPS = [
  fails("get nodepool nothing", /nodepools\.stratos\.sh "nothing" not found/),
  fails("get nothing", /the server doesn't have a resource type "nothing"/),
  fails("describe np nothing", /not found/),
  fails("apply -f -", /unknown field "spec\.minStandbys"/, {
    input: pool("bad", "poolSize: 4, minStandby: 2, minStandbys: 3"),
  }),
  fails("apply -f -", /minStandby .*must not be greater than poolSize/, {
    input: pool("bad", "poolSize: 2, minStandby: 3"),
  }),
  fails("apply -f -", /spec\.poolSize.*must be of type integer/s, {
    input: pool("bad", "poolSize: two, minStandby: 3"),
  }),
  fails("apply -f -", /spec\.poolSize: Required value/, { input: pool("bad", "minStandby: 3") }),
  fails("apply -f -", /supported values: "stop", "terminate"/, {
    input: pool("bad", "poolSize: 2000, minStandby: -3, preWarm: { timeoutAction: wait }"),
  }),
  fails("apply -f -", /lowercase RFC 1123 subdomain/, { input: pool("Bad_Name", "poolSize: 2, minStandby: 1") }),
  fails("apply -f -", /no matches for kind "NodePoool"/, {
    input: "apiVersion: stratos.sh/v1alpha1\nkind: NodePoool\nmetadata: { name: bad }\n",
  }),
  fails("apply -f -", /no matches for kind "NodePool" in version "stratos\.sh\/v1"/, {
    input: "apiVersion: stratos.sh/v1\nkind: NodePool\nmetadata: { name: bad }\n",
  }),
  fails("apply -f -", /exactly one of/, {
    input: `
apiVersion: stratos.sh/v1alpha1
kind: AWSNodeClass
metadata: { name: bad }
spec: { instanceType: m5.large, userData: a, subnetIds: [subnet-1], subnetSelector: { tags: { a: b } }, securityGroupIds: [sg-1], role: a }
`,
  }),
  fails("apply -f -", /error parsing STDIN|error converting YAML/, { input: "not: [yaml" }),
  fails("apply -f -", /apiVersion not set/, { input: "kind: NodePool\n" }),
  fails("apply -f nothing.yaml", /the path "nothing\.yaml" does not exist/),
];
