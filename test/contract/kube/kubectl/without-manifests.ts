/** Objects that kubectl creates from its arguments and sends as protobuf. */
import { fails, step } from "./step.ts";

const pod = (name: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { nodeName: drained, containers: [{ name: main, image: nginx }] }
`;

export const STEPS_WITHOUT_MANIFESTS = [
  step("create namespace team", /created/),
  step("create deployment shop --image=nginx:1 --replicas=0 --port=80", /created/),
  step("get deploy shop -o yaml", /replicas: 0/),
  step("set image deploy/shop nginx=nginx:2", /image updated/),
  step("scale deploy/shop --replicas=1", /scaled/),
  step("create job once --image=busybox -- echo hello", /created/),
  step("get job once -o yaml", /podReplacementPolicy/),
  step("create configmap settings --from-literal=a=b", /created/),
  step("get configmap settings -o yaml", /a: b/),
  step("create pdb half --selector=app=shop --min-available=50%", /created/),
  step("get pdb half -o yaml", /minAvailable: 50%/),
  step("create serviceaccount bob -n team", /created/),
  step("create clusterrole node-reader --verb=get,list --resource=nodes", /created/),
  step("create clusterrolebinding node-reader --clusterrole=node-reader --serviceaccount=team:bob", /created/),
  step("get clusterrolebinding node-reader -o yaml", /name: bob/),
  step("auth can-i delete nodes", /yes/),
  fails("auth can-i delete nodes", /no/, { as: "nobody" }),
  step("apply -f -", /created/, { input: "apiVersion: v1\nkind: Node\nmetadata: { name: drained }\n" }),
  step("apply -f -", /created/, { input: pod("on-drained") }),
  fails("drain drained", /cannot delete.*Pods that declare no controller/s),
  fails("drain drained --force --timeout=1s", /evicting pod default\/on-drained/),
  step("get pod on-drained -o jsonpath={.status.conditions}", /EvictionByEvictionAPI/),
];
