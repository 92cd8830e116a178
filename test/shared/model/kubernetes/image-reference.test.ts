import { expect, it } from "vitest";
import { normalizedImage } from "../../../../shared/model/kubernetes/image-reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

it.each([
  ["redis", "docker.io/library/redis:latest"],
  ["redis:8", "docker.io/library/redis:8"],
  ["bitnami/redis", "docker.io/bitnami/redis:latest"],
  ["index.docker.io/library/redis:8", "docker.io/library/redis:8"],
  ["docker.io/library/redis:8", "docker.io/library/redis:8"],
  ["localhost/tools", "localhost/tools:latest"],
  ["registry:5000/tools:1.2", "registry:5000/tools:1.2"],
  [
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model:v1",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/model:v1",
  ],
  [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
  [`quay.io/team/tool:v1@${DIGEST}`, `quay.io/team/tool@${DIGEST}`],
])("%s is %s", (reference, normalized) => {
  expect(normalizedImage(reference)).toBe(normalized);
  expect(normalizedImage(normalized)).toBe(normalized);
});
