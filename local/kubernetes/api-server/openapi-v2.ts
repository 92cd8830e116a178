/**
 * The OpenAPI v2 document, which kubectl reads where version 3 does not know a kind: to say that there is no such kind it must get one. No kind
 * is described here, for those that are served are in version 3's.
 */
const DOCUMENT = { swagger: "2.0", info: { title: "Kubernetes", version: "v1.36.3" }, paths: {} };

const field = (number: number, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
const text = (number: number, value: string): Buffer => field(number, Buffer.from(value));

/** The same as kubectl asks for it: protobuf, of google/gnostic's openapiv2 Document. */
const encode = ({ swagger, info }: typeof DOCUMENT): Buffer =>
  Buffer.concat([
    text(1, swagger),
    field(2, Buffer.concat([text(1, info.title), text(2, info.version)])),
    field(8, Buffer.alloc(0)),
  ]);

export const openApiV2 = (accept: string | undefined): object =>
  accept?.includes("protobuf") ? encode(DOCUMENT) : DOCUMENT;
