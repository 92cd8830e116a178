/**
 * The OpenAPI v2 document. kubectl falls back to it for a kind that v3 does not contain, and needs it to report that the kind
 * does not exist. It describes no kinds, because all served kinds are in the v3 documents.
 */
const DOCUMENT = { swagger: "2.0", info: { title: "Kubernetes", version: "v1.36.3" }, paths: {} };

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

/** The document as protobuf, which kubectl requests (google/gnostic, openapiv2 Document). */
const encode = ({ swagger, info }: typeof DOCUMENT): Buffer =>
  Buffer.concat([
    text(1, swagger),
    field(2, Buffer.concat([text(1, info.title), text(2, info.version)])),
    field(8, Buffer.alloc(0)),
  ]);

export const openApiV2 = (accept: string | undefined): object =>
  accept?.includes("protobuf") ? encode(DOCUMENT) : DOCUMENT;
