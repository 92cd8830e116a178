import { ANNOTATION } from "../model/names.ts";

/** Of all partitions. Source: kubernetes/cloud-provider-aws, cmd/ecr-credential-provider; amazon-ecr-credential-helper. */
const ECR_DOMAINS = [
  "amazonaws.com",
  "amazonaws.com.cn",
  "amazonaws.eu",
  "on.aws",
  "on.amazonwebservices.com.cn",
  "sc2s.sgov.gov",
  "c2s.ic.gov",
  "cloud.adc-e.uk",
  "csp.hci.ic.gov",
];

/**
 * The part of the warmup script that is the same for all nodes. It calls itself with a step in `$1`: none, when cloud-init runs it;
 * `warm`, in a systemd unit; `pull`, for each image.
 *
 * Sources: the EKS images include the AWS CLI, containerd's ctr, curl, and the cluster's certificate in /etc/kubernetes/pki
 * (awslabs/amazon-eks-ami). On AL2023, nodeadm-run.service, which starts the kubelet, runs after cloud-final.service, which runs this
 * script, so the script must not wait for the kubelet in cloud-final. NodeRestriction allows a kubelet to annotate its own node.
 * containerd sends a host's `header` of hosts.toml with each request to it (containerd, docs/hosts.md), and ECR accepts the password as basic
 * authorization ("Private registry authentication in Amazon ECR", Using HTTP API authentication). Go's HTTP client drops the header when a
 * registry redirects to another host, such as S3.
 *
 * containerd's CRI plugin protects images with the label io.cri-containerd.pinned from the kubelet's garbage collection.
 */
export const WARMUP_SCRIPT = `
state=/var/lib/stratos
console=/dev/console
ca=/etc/kubernetes/pki/ca.crt
set -o pipefail

say() { echo "stratos-warmup: $*" | tee -a "$console"; }

left() { local s=$((deadline - $(date +%s))); echo $((s > 1 ? s : 1)); }

# Run only once, even if cloud-init runs scripts on every boot: a serving node must not power itself off.
if [[ -z \${1:-} ]]; then
  mkdir -p "$state"
  (set -o noclobber; : >"$state/warmup-began") 2>/dev/null || exit 0
  exec systemd-run --unit=stratos-warmup /bin/bash "$0" warm
fi

# The hosts of private ECR registries. Any other host that looks like one could collect the password.
ecr_host='^[0-9]{12}\\.dkr[.-]ecr(-fips)?\\.([a-z0-9-]+)\\.(${ECR_DOMAINS.map((domain) => domain.replaceAll(".", "\\.")).join("|")})$'

# Prints a folder of containerd's hosts.toml with the registry's password. Other processes can read a command line, but not this file.
ecr_hosts() {
  local password folder
  password=$(aws ecr get-login-password --region "$2") && folder=$(mktemp -d) && mkdir "$folder/$1" || return 1
  printf '[host."https://%s".header]\\nauthorization = "Basic %s"\\n' "$1" \\
    "$(printf 'AWS:%s' "$password" | base64 | tr -d '\\n')" >"$folder/$1/hosts.toml"
  echo "$folder"
}

# Runs in a subshell, whose end removes the password; so hosts is not local.
pull_once() {
  local host=\${1%%/*} options=()
  hosts=/etc/containerd/certs.d
  if [[ $host =~ $ecr_host ]]; then
    hosts=$(ecr_hosts "$host" "\${BASH_REMATCH[2]}") || return 1
    trap 'rm -rf "$hosts"' EXIT
  fi
  [[ ! -d $hosts ]] || options=(--hosts-dir "$hosts")
  timeout "$(left)" ctr --namespace k8s.io images pull "\${options[@]}" "$1" >/dev/null &&
    ctr --namespace k8s.io images label "$1" io.cri-containerd.pinned=pinned >/dev/null
}

if [[ $1 == pull ]]; then
  for attempt in 1 2 3; do
    if why=$(pull_once "$2" 2>&1); then
      say "pulled $2 in $SECONDS s"
      exit 0
    fi
    say "pulling $2 failed, try $attempt of 3: $(tail -n 1 <<<"$why")"
    ((attempt == 3)) || sleep $((5 * 2 ** attempt))
  done
  echo "$2" >>"$state/not-pulled"
  exit 1
fi

export deadline=$(($(date +%s) + limit_s))

# Use the kubelet's credentials. Set a user agent, because the API server pretty-prints its responses for curl's default one.
api() {
  local token
  token=$(aws eks get-token --cluster-name "$cluster" --region "$region" | sed -n 's/.*"token": *"\\([^"]*\\)".*/\\1/p') &&
    curl -sSf --max-time 10 --cacert "$ca" -A stratos-warmup -H @- "$@" <<<"Authorization: Bearer $token"
}

# Ask the API server for this node's name.
find_name() {
  node=$(api -X POST -H 'Content-Type: application/json' "$endpoint/apis/authentication.k8s.io/v1/selfsubjectreviews" \\
    -d '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' |
    sed -n 's/.*"username": *"system:node:\\([^"]*\\)".*/\\1/p')
  [[ -n $node ]]
}

report() {
  local body="{\\"metadata\\":{\\"annotations\\":{\\"${ANNOTATION.warmupOutcome}\\":\\"\${1//[^A-Za-z0-9 .,:;@\\/_-]/?}\\"}}}"
  for _ in 1 2 3 4 5; do
    if find_name && api -X PATCH -H 'Content-Type: application/merge-patch+json' "$endpoint/api/v1/nodes/$node" -d "$body" >/dev/null; then
      return 0
    fi
    sleep 2
  done
  say "the node could not be told the outcome"
}

finish() {
  say "$1, after $SECONDS s"
  report "$1"
  if [[ $power_off == true ]]; then
    say "powering off"
    systemctl poweroff
  fi
  exit 0
}

wait_for() {
  local what=$1
  shift
  until "$@" >/dev/null 2>&1; do
    (($(left) > 1)) || finish "Failed: $what not ready within $limit_s s"
    sleep 1
  done
  say "$what is ready after $SECONDS s"
}

pull_images() {
  local all=("\${images[@]}" "\${optional_images[@]}") missing
  ((\${#all[@]} > 0)) || return 0
  printf '%s\\0' "\${all[@]}" | xargs -0 -n 1 -P 4 bash "$0" pull && return 0
  missing=$(printf '%s\\n' "\${images[@]}" | grep -Fxf "$state/not-pulled" | paste -sd ' ' -)
  [[ $images_required != true || -z $missing ]] || finish "Failed: could not pull $missing"
}

# A volume created from a snapshot loads each block on first read. Files written since boot are local already, so skip them.
read_volumes() {
  local since=$SECONDS budget
  budget=$(left)
  ((budget < read_s)) || budget=$read_s
  findmnt -rno TARGET -t xfs,ext4,btrfs | while read -r mount; do
    find "$mount" -xdev -type f ! -cnewer "$state/warmup-began" -print0
  done 2>/dev/null | timeout "$budget" nice xargs -0 -n 64 -P 8 cat >/dev/null 2>&1
  say "read the volumes in $((SECONDS - since)) s"
}

is_ready() {
  [[ -n \${node:-} ]] || find_name
  api "$endpoint/api/v1/nodes/$node" | tr -d ' \\n' | grep -q '"type":"Ready","status":"True"'
}

# Once Ready, the node has its CNI configuration on disk, so it becomes Ready sooner on the next start. A timeout is not a failure.
await_ready() {
  for _ in {1..20}; do
    is_ready 2>/dev/null && say "the node is Ready after $SECONDS s" && return 0
    sleep 3
  done
  say "the node is not Ready yet; going on"
}

wait_for containerd ctr version
wait_for kubelet curl -sf http://localhost:10248/healthz
pull_images
read_volumes
await_ready
finish Succeeded
`;
