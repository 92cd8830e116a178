/** Normalizes image references so that they can be compared. */

const isDomain = (part: string): boolean => /[.:]/.test(part) || part === "localhost";

/**
 * `redis` → `docker.io/library/redis:latest`. With a digest, the tag has no meaning and is dropped.
 * Source: github.com/distribution/reference, normalize.go.
 */
export const normalizedImage = (reference: string): string => {
  const [name = "", digest] = reference.split("@");
  const slash = name.indexOf("/");
  const hasDomain = slash > 0 && isDomain(name.slice(0, slash));
  const domain = hasDomain ? name.slice(0, slash) : "docker.io";
  const rest = hasDomain ? name.slice(slash + 1) : name;
  const isOfficial = (domain === "docker.io" || domain === "index.docker.io") && !rest.includes("/");
  const [path = "", tag = "latest"] = rest.split(":");
  const repository = `${domain === "index.docker.io" ? "docker.io" : domain}/${isOfficial ? "library/" : ""}${path}`;
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
};
