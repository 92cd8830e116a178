/** What an answer consists of. Undefined members are left out; lists become one element per item. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

// XML 1.0 has no way to write the other control characters, escaped or not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to leave out.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escapeXml = (text: string) =>
  text.replace(UNWRITABLE, "").replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);

/** Renders `<name>value</name>`; `itemName` is what the protocol calls a list's elements: EC2 `item`, IAM `member`. */
export const renderXml = (name: string, value: Xml, itemName: "item" | "member"): string => {
  if (value === undefined) return "";
  return `<${name}>${renderContent(value, itemName)}</${name}>`;
};

export const renderContent = (value: Xml, itemName: "item" | "member"): string => {
  if (value === undefined) return "";
  if (typeof value !== "object") return escapeXml(String(value));
  if (Array.isArray(value)) return value.map((item: Xml) => renderXml(itemName, item, itemName)).join("");
  return Object.entries(value)
    .map(([member, content]) => renderXml(member, content, itemName))
    .join("");
};

/** Times as EC2 and IAM write them; EC2's are whole seconds. */
export const xmlTime = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();
