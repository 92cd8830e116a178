/** Parses a multipart document by RFC 2046; test/contract/user-data.test.ts also reads it with Python's parser, which cloud-init uses. */

export interface Part {
  readonly type: string;
  readonly body: string;
}

const headerOf = (head: string, name: string): string =>
  new RegExp(`^${name}:\\s*([^;\\n]+)`, "im").exec(head)?.[1]?.trim() ?? "";

const partOf = (text: string): Part => {
  const end = text.indexOf("\n\n");
  const [head, body] = [text.slice(0, end), text.slice(end + 2)];
  const isEncoded = headerOf(head, "content-transfer-encoding") === "base64";
  return { type: headerOf(head, "content-type"), body: isEncoded ? Buffer.from(body, "base64").toString() : body };
};

/** A boundary is on its own line and includes the preceding line break. */
export const mimeParts = (document: string): Part[] => {
  const boundary = /^Content-Type: multipart\/mixed; boundary="([^"]+)"$/m.exec(document)?.[1];
  const [before = ""] = document.split(`\n--${boundary}--\n`, 1);
  return before.split(`\n--${boundary}\n`).slice(1).map(partOf);
};
