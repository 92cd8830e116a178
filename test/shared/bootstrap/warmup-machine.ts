/** A folder as a fake machine: fakes of the programs that the warmup script calls, first in the PATH, which record their calls. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeSettings } from "../../../shared/bootstrap/node-settings.ts";
import { warmupScript } from "../../../shared/bootstrap/warmup-script.ts";
import { temporaryFolder } from "../../temporary-folder.ts";

const NODE = "ip-10-0-0-1.ec2.internal";
const TOKEN = "k8s-aws-v1.token";

/** Fails once for each line in the image's file. */
const CTR = `
[[ $1 == version ]] && exit 0
shift 3
action=$1
if [[ $2 == --hosts-dir ]]; then
  for file in "$3"/*/hosts.toml; do cat "$file" >>"$machine/hosts"; done
  set -- "$1" "\${!#}"
fi
if [[ $action == label ]]; then echo "label $2 $3" >>"$machine/ctr"; exit 0; fi
image=\${!#}
failures=$machine/failures/\${image//\\//_}
: >"$machine/pulling/$$"
ls "$machine/pulling" | wc -l >>"$machine/at-once"
/bin/sleep 0.05
rm "$machine/pulling/$$"
echo "$*" >>"$machine/ctr"
[[ -s $failures ]] || exit 0
sed -i.bak 1d "$failures"
echo "ctr: failed to resolve reference $image: not found" >&2
exit 1
`;

/** The API server, which requires the token, and the kubelet's health endpoint. */
const CURL = `
url= data= previous=
for argument in "$@"; do
  [[ $argument == http* ]] && url=$argument
  [[ $previous == -d ]] && data=$argument
  previous=$argument
done
if [[ $url == */healthz ]]; then [[ -e $machine/healthy ]]; exit; fi
[[ -e $machine/no-api ]] && { echo "curl: (7) Failed to connect" >&2; exit 7; }
[[ $(cat) == "Authorization: Bearer ${TOKEN}" ]] || exit 22
case "$* " in
  *selfsubjectreviews*) echo '{"kind":"SelfSubjectReview","status":{"userInfo":{"username":"system:node:${NODE}"}}}' ;;
  *PATCH*/api/v1/nodes/${NODE}*) printf %s "$data" >"$machine/patch" ;;
  */api/v1/nodes/${NODE}*) echo '{"status":{"conditions":[{"type":"Ready","status":"True"}]}}' ;;
  *) exit 22 ;;
esac
`;

const PROGRAMS: Readonly<Record<string, string>> = {
  "systemd-run": 'shift; exec "$@"',
  mktemp: '/usr/bin/mktemp -d "$machine/temporary-XXXXXX" | tee -a "$machine/temporary"',
  systemctl: 'echo "systemctl $*" >>"$machine/systemctl"',
  aws: `[[ $2 == get-token ]] && echo '{"status": {"token": "${TOKEN}"}}' || echo "password-of-$4"`,
  ctr: CTR,
  curl: CURL,
  findmnt: 'echo "$machine/volume"',
  cat: '(($# == 0)) || [[ $1 == */hosts.toml ]] && exec /bin/cat "$@" || printf "%s\\n" "$@" >>"$machine/read"',
  timeout: 'shift; exec "$@"',
  sleep: 'echo "$1" >>"$machine/slept"',
};

export interface WarmupMachine {
  readonly folder: string;
  /** Makes the next `times` pulls of the image fail. */
  failPulls(image: string, times: number): void;
  /** Runs the script like cloud-init and returns the console output. */
  boot(): string;
  /** The lines in a program's record. */
  lines(file: string): string[];
}

export const aWarmupMachine = (settings: NodeSettings, { healthy = true, api = true } = {}): WarmupMachine => {
  const folder = temporaryFolder("machine");
  for (const name of ["bin", "failures", "pulling", "volume"]) mkdirSync(join(folder, name));
  if (healthy) writeFileSync(join(folder, "healthy"), "");
  if (!api) writeFileSync(join(folder, "no-api"), "");
  for (const [name, body] of Object.entries(PROGRAMS)) {
    const path = join(folder, "bin", name);
    writeFileSync(path, `#!/bin/bash --norc\n${body}\n`);
    chmodSync(path, 0o755);
  }
  const script = warmupScript(settings)
    .replace("state=/var/lib/stratos", `state=${folder}/state`)
    .replace("console=/dev/console", `console=${folder}/console`);
  writeFileSync(join(folder, "script"), script);
  const read = (file: string) => (existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "");
  return {
    folder,
    failPulls: (image, times) =>
      writeFileSync(join(folder, "failures", image.replaceAll("/", "_")), "once\n".repeat(times)),
    boot: () => {
      const env = { PATH: `${folder}/bin:/usr/bin:/bin`, machine: folder };
      const { status, stderr } = spawnSync("/bin/bash", ["--norc", join(folder, "script")], { env, timeout: 20_000 });
      if (status !== 0) throw new Error(`the script exited with ${status}: ${stderr}`);
      return read("console");
    },
    lines: (file) =>
      read(file)
        .split("\n")
        .filter((line) => line !== ""),
  };
};
