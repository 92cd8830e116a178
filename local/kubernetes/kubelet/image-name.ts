/**
 * The names of images as containerd stores them. Written from the grammar of distribution/reference (reference.go, normalize.go), not from how the
 * product reads them, so that an error of one shows as a difference.
 */
import { createHash } from "node:crypto";

export interface ImageName {
  /** `docker.io/library/redis` */
  readonly repository: string;
  /** A reference with a digest has no tag: ParseDockerRef drops it. */
  readonly tag?: string;
  readonly digest?: string;
}

/** The first component is a domain if it has a dot, a port or an uppercase letter, or is `localhost`: splitDockerDomain. */
const splitDomain = (path: string): readonly [domain: string, rest: string] => {
  const slash = path.indexOf("/");
  const first = path.slice(0, Math.max(slash, 0));
  const isDomain = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isDomain) return ["docker.io", path];
  return [first === "index.docker.io" ? "docker.io" : first, path.slice(slash + 1)];
};

export const parseImageName = (reference: string): ImageName => {
  const [tagged = "", digest] = reference.split("@", 2);
  const colon = tagged.lastIndexOf(":");
  const hasTag = colon > tagged.lastIndexOf("/");
  const [domain, rest] = splitDomain(hasTag ? tagged.slice(0, colon) : tagged);
  const isOfficial = domain === "docker.io" && !rest.includes("/");
  const repository = `${domain}/${isOfficial ? "library/" : ""}${rest}`;
  if (digest !== undefined) return { repository, digest };
  return { repository, tag: hasTag ? tagged.slice(colon + 1) : "latest" };
};

/** The one name by which the image cache knows an image. */
export const canonicalImage = (reference: string): string => {
  const { repository, tag, digest } = parseImageName(reference);
  return digest === undefined ? `${repository}:${tag}` : `${repository}@${digest}`;
};

/** The kubelet reports at most this many names of an image: maxNamesPerImageInNodeStatus, pkg/kubelet/nodestatus/setters.go. */
const MAX_NAMES = 5;

/** What the kubelet reports: the names with a digest first, then those with a tag. An image's digest follows from its name here. */
export const reportedNames = (image: string): string[] => {
  const { repository, tag, digest } = parseImageName(image);
  const found = digest ?? `sha256:${createHash("sha256").update(image).digest("hex")}`;
  return [`${repository}@${found}`, ...(tag === undefined ? [] : [`${repository}:${tag}`])].slice(0, MAX_NAMES);
};
