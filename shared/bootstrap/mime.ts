/** A multipart MIME document, a format in which cloud-init and nodeadm read user data. Source: cloudinit.readthedocs.io, "User data formats". */

export interface MimePart {
  readonly type: "application/node.eks.aws" | "text/cloud-config" | "text/x-shellscript";
  readonly body: string;
}

const BASE64_LINE = /.{1,76}/g;

const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length;

/** cloud-init uses Python's email package, which garbles non-ASCII text unless it is encoded. */
const renderPart = ({ type, body }: MimePart): string =>
  isAscii(body)
    ? `Content-Type: ${type}; charset="us-ascii"\n\n${body}`
    : `Content-Type: ${type}; charset="utf-8"\nContent-Transfer-Encoding: base64\n\n` +
      `${Buffer.from(body).toString("base64").match(BASE64_LINE)?.join("\n")}\n`;

/** A boundary that occurs in no part, so that no part can end early and inject another one. */
const boundaryFor = (parts: readonly string[]): string => {
  const isTaken = (boundary: string) => parts.some((part) => part.includes(boundary));
  let boundary = "STRATOS-PART";
  while (isTaken(boundary)) boundary += "-";
  return boundary;
};

export const renderMime = (parts: readonly MimePart[]): string => {
  const rendered = parts.map(renderPart);
  const boundary = boundaryFor(rendered);
  const sections = rendered.map((part) => `--${boundary}\n${part.endsWith("\n") ? part : `${part}\n`}`);
  return `MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="${boundary}"\n\n${sections.join("\n")}\n--${boundary}--\n`;
};
