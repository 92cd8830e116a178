import type { Registry } from "./registry.ts";
import type { ResourceType } from "./resources.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** The discovery documents, from which kubectl learns the served resources; undefined for any other path. */
export const discover = (registry: Registry, path: string): unknown => {
  const segments = path.split("/").filter(Boolean);
  const [root, group, version] = segments;
  if (root === "version") return VERSION;
  if (root === "api" && segments.length === 1) return { kind: "APIVersions", versions: ["v1"] };
  if (root === "api" && segments.length === 2 && group === "v1") return resourceList(registry, "", "v1");
  if (root !== "apis") return undefined;
  const groups = groupsOf(registry);
  if (!group) return { kind: "APIGroupList", apiVersion: "v1", groups };
  const found = groups.find(({ name }) => name === group);
  if (!version) return found && { kind: "APIGroup", apiVersion: "v1", ...found };
  const isServed = found?.versions.some((each) => each.version === version);
  return isServed && segments.length === 3 ? resourceList(registry, group, version) : undefined;
};

/** The Kubernetes release that this server simulates. */
export const VERSION = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.3-stratos",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "node",
  platform: "embedded",
};

interface GroupVersion {
  readonly groupVersion: string;
  readonly version: string;
}

const groupsOf = (registry: Registry) => {
  const versions = new Map<string, GroupVersion[]>();
  const types = [...registry.all(), ...REVIEW_TYPES];
  for (const { group, version } of types) {
    if (group === "") continue;
    const known = versions.get(group) ?? [];
    const groupVersion = `${group}/${version}`;
    if (!known.some((each) => each.version === version)) known.push({ groupVersion, version });
    versions.set(group, known);
  }
  return [...versions].map(([name, served]) => ({ name, versions: served, preferredVersion: served[0] }));
};

const resourceList = (registry: Registry, group: string, version: string) => ({
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: group ? `${group}/${version}` : version,
  resources: [
    ...registry
      .all()
      .filter((type) => type.group === group && type.version === version)
      .flatMap(entriesOf),
    ...REVIEW_TYPES.filter((type) => type.group === group).map(({ plural, kind }) => ({
      name: plural,
      singularName: kind.toLowerCase(),
      namespaced: false,
      kind,
      verbs: ["create"],
    })),
  ],
});

const REVIEW_TYPES = [
  { group: "authentication.k8s.io", version: "v1", plural: "selfsubjectreviews", kind: "SelfSubjectReview" },
  { group: "authorization.k8s.io", version: "v1", plural: "selfsubjectaccessreviews", kind: "SelfSubjectAccessReview" },
];

const entriesOf = (type: ResourceType): object[] => {
  const { plural, singular, namespaced, kind, shortNames, categories } = type;
  const sub = (name: string, verbs: string[], as: object = { kind }) => ({
    name: `${plural}/${name}`,
    singularName: "",
    namespaced,
    ...as,
    verbs,
  });
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: VERBS,
      ...(shortNames.length > 0 ? { shortNames } : {}),
      ...(categories.length > 0 ? { categories } : {}),
    },
    ...(type.status ? [sub("status", ["get", "patch", "update"])] : []),
    ...(type.scale
      ? [sub("scale", ["get", "patch", "update"], { group: "autoscaling", version: "v1", kind: "Scale" })]
      : []),
    ...(type.name === "pods"
      ? [
          sub("binding", ["create"], { kind: "Binding" }),
          sub("eviction", ["create"], { group: "policy", version: "v1", kind: "Eviction" }),
        ]
      : []),
    ...(type.name === "serviceaccounts"
      ? [sub("token", ["create"], { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" })]
      : []),
  ];
};
