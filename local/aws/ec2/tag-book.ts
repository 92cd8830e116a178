/** The tags of all resources in the account, by resource id. */
import { CloudError } from "../gateway/service.ts";

export type Tags = Readonly<Record<string, string>>;

export interface TagBook {
  of(resourceId: string): Tags;
  /** Adds or overwrites tags. Throws as EC2 does for reserved keys, overlong keys or values, and more than 50 tags. */
  add(resourceId: string, tags: Tags): void;
  /** Adds AWS's own tags, which do not count towards the limit ("Tag restrictions", Amazon EC2 User Guide). */
  addReserved(resourceId: string, tags: Tags): void;
  /** With `value`, removes the tag only if it has that value. */
  remove(resourceId: string, key: string, value?: string): void;
  forget(resourceId: string): void;
  entries(): Iterable<readonly [resourceId: string, tags: Tags]>;
}

/** "Tag restrictions", Amazon EC2 User Guide. */
const MAX_TAGS = 50;
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** Throws if EC2 would reject these tags. */
export const assertTags = (tags: Tags): void => {
  for (const [key, value] of Object.entries(tags)) {
    if (key === "") throw new CloudError("InvalidParameterValue", "Tag key cannot be empty.");
    if (/^aws:/i.test(key)) {
      throw new CloudError("InvalidParameterValue", `Tag keys starting with 'aws:' are reserved for internal use`);
    }
    if (key.length > MAX_KEY_LENGTH || value.length > MAX_VALUE_LENGTH) {
      const what =
        key.length > MAX_KEY_LENGTH
          ? "key exceeds the maximum length of 128"
          : "value exceeds the maximum length of 256";
      throw new CloudError("InvalidParameterValue", `Tag ${what} characters: '${key}'`);
    }
  }
  if (Object.keys(tags).length > MAX_TAGS) {
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
