/** The content of a query-protocol response. Undefined members are omitted; a list becomes one element per item. */
export type Xml = string | number | boolean | undefined | readonly Xml[] | { readonly [name: string]: Xml };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#13;",
};

// XML 1.0 cannot represent the other control characters, escaped or not.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to omit.
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const escapeXml = (text: string) =>
  text.replace(UNWRITABLE, "").replace(/[&<>"\r]/g, (character) => ESCAPES[character] ?? character);

/** Renders `<name>value</name>`; `itemName` is the protocol's name for list elements: `item` in EC2, `member` in IAM. */
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

/** Formats a time as EC2 and IAM do; EC2 uses whole seconds. */
export const xmlTime = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();
