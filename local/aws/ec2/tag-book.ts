/** The tags of all resources of the account, by the resource's id. */
import { CloudError } from "../gateway/service.ts";

export type Tags = Readonly<Record<string, string>>;

export interface TagBook {
  of(resourceId: string): Tags;
  /** Adds and overwrites. Throws as EC2 does for reserved keys, keys or values too long, and more than 50 tags. */
  add(resourceId: string, tags: Tags): void;
  /** AWS's own tags, which count towards no limit ("Tag restrictions", Amazon EC2 User Guide). */
  addReserved(resourceId: string, tags: Tags): void;
  /** With a value, only if the tag has it. */
  remove(resourceId: string, key: string, value?: string): void;
  forget(resourceId: string): void;
  entries(): Iterable<readonly [resourceId: string, tags: Tags]>;
}

/** "Tag restrictions", Amazon EC2 User Guide. */
const MOST_TAGS = 50;
const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;

/** Throws if a resource may not have these tags. */
export const assertTags = (tags: Tags): void => {
  for (const [key, value] of Object.entries(tags)) {
    if (key === "") throw new CloudError("InvalidParameterValue", "Tag key cannot be empty.");
    if (/^aws:/i.test(key)) {
      throw new CloudError("InvalidParameterValue", `Tag keys starting with 'aws:' are reserved for internal use`);
    }
    if (key.length > LONGEST_KEY || value.length > LONGEST_VALUE) {
      const what =
        key.length > LONGEST_KEY ? "key exceeds the maximum length of 128" : "value exceeds the maximum length of 256";
      throw new CloudError("InvalidParameterValue", `Tag ${what} characters: '${key}'`);
    }
  }
  if (Object.keys(tags).length > MOST_TAGS) {
    throw new CloudError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
  }
};

export const createTagBook = (): TagBook => {
  const book = new Map<string, Tags>();
  return {
    of: (id) => book.get(id) ?? {},
    add: (id, tags) => {
      const all = { ...book.get(id), ...tags };
      assertTags(tags);
      assertTags(Object.fromEntries(Object.entries(all).filter(([key]) => !key.startsWith("aws:"))));
      if (Object.keys(all).length > 0) book.set(id, all);
    },
    addReserved: (id, tags) => void book.set(id, { ...book.get(id), ...tags }),
    remove: (id, key, value) => {
      const { [key]: current, ...rest } = book.get(id) ?? {};
      if (current !== undefined && (value === undefined || value === current)) book.set(id, rest);
    },
    forget: (id) => void book.delete(id),
    entries: () => book.entries(),
  };
};
