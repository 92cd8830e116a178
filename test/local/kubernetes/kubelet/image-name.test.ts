import { describe, expect, it } from "vitest";
import { canonicalImage, reportedNames } from "../../../../local/kubernetes/kubelet/image-name.ts";
import { normalizedImage } from "../../../../shared/model/kubernetes/image-reference.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

const CASES = [
  ["redis", "docker.io/library/redis:latest"],
  ["redis:7", "docker.io/library/redis:7"],
  ["team/app:1", "docker.io/team/app:1"],
  ["index.docker.io/redis", "docker.io/library/redis:latest"],
  ["docker.io/redis", "docker.io/library/redis:latest"],
  ["localhost/app", "localhost/app:latest"],
  ["localhost:5000/app:1", "localhost:5000/app:1"],
  ["registry.example.com:443/a/b/c", "registry.example.com:443/a/b/c:latest"],
  ["public.ecr.aws/eks/pause:3.10", "public.ecr.aws/eks/pause:3.10"],
  [`redis@${DIGEST}`, `docker.io/library/redis@${DIGEST}`],
  [`registry:5000/redis:7@${DIGEST}`, `registry:5000/redis@${DIGEST}`],
] as const;

describe("an image reference", () => {
  it.each(CASES)("%s is stored as %s", (reference, canonical) => {
    expect(canonicalImage(reference)).toBe(canonical);
  });

  it.each(CASES)("%s is understood alike by the product", (reference, canonical) => {
    expect(normalizedImage(reference)).toBe(canonical);
  });

  it("whose first component has an uppercase letter names a registry", () => {
    expect(canonicalImage("Registry/app:1")).toBe("Registry/app:1");
  });
});

describe("the kubelet's names of an image", () => {
  it("are one with a digest, then one with a tag", () => {
    expect(reportedNames("docker.io/library/redis:7")).toEqual([
      expect.stringMatching(/^docker\.io\/library\/redis@sha256:[0-9a-f]{64}$/),
      "docker.io/library/redis:7",
    ]);
    expect(reportedNames(`docker.io/library/redis@${DIGEST}`)).toEqual([`docker.io/library/redis@${DIGEST}`]);
  });
});
