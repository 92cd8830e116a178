import { branches, type Params, readTags, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import { invalidValue } from "../errors.ts";
import { assertTags, type Tags } from "../tag-book.ts";

const TAGGABLE: readonly string[] = ["instance", "volume", "network-interface", "spot-instances-request", "fleet"];

/** Reads `TagSpecification.N` by resource type; if several name the same type, later ones win. */
export const readLaunchTags = (params: Params): Readonly<Record<string, Tags>> => {
  const byType: Record<string, Tags> = {};
  for (const specification of branches(params, "TagSpecification")) {
    const type = text(specification, "ResourceType");
    if (type === undefined)
      throw new CloudError("MissingParameter", "Tag specification resource type must have a value");
    if (!TAGGABLE.includes(type))
      throw invalidValue(`'${type}' is not a valid taggable resource type for this operation.`);
    const tags = { ...byType[type], ...readTags(specification) };
    assertTags(tags);
    if (Object.keys(tags).length > 0) byType[type] = tags;
  }
  return byType;
};
