#!/usr/bin/env bash
# Fetches AWS's DynamoDB Local (50 MB of jars) with Maven into the folder where the contract tests look for it, unless it is already there.
# Needs Maven and a JDK of version 17 or later. Prints the folder.
set -euo pipefail

pom="$(cd "$(dirname "$0")" && pwd)/dynamodb-local.pom.xml"
folder="${STRATOS_DYNAMODB_LOCAL:-${XDG_CACHE_HOME:-$HOME/.cache}/stratos/dynamodb-local-3.3.1}"

if ! compgen -G "$folder/DynamoDBLocal-*.jar" >/dev/null; then
  mkdir -p "$folder"
  # An interrupted download must not look like a finished one.
  partial="$(mktemp -d "$folder/partial.XXXXXX")"
  trap 'rm -rf "$partial"' EXIT
  mvn -q -B -f "$pom" dependency:copy-dependencies -DoutputDirectory="$partial" >&2
  mv "$partial"/* "$folder"
fi
echo "$folder"
