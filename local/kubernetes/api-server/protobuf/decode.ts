import { timestamp } from "../create-store.ts";
import { isObject, type JsonObject } from "../json-value.ts";
import { type Field, messages } from "./messages.ts";

/** A body that is not valid or not supported protobuf. */
export class ProtobufError extends Error {
  override readonly name = "ProtobufFailure";
}

/** The prefix of Kubernetes protobuf bodies (apimachinery, runtime/serializer/protobuf). */
const MAGIC = Buffer.from("k8s\0");

interface Part {
  readonly number: number;
  readonly value: number | Buffer;
}

/** Decodes a body of `application/vnd.kubernetes.protobuf`. Throws `ProtobufError` for kinds and fields that are not supported. */
export const decodeObject = (body: Buffer): JsonObject => {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) throw new ProtobufError("the body does not begin with k8s");
  const { typeMeta, raw } = decodeMessage("Unknown", body.subarray(MAGIC.length));
  const { apiVersion, kind } = isObject(typeMeta) ? typeMeta : {};
  const object = decodeMessage(String(kind), Buffer.from(String(raw ?? ""), "base64"));
  return { apiVersion, kind, ...object };
};

const decodeMessage = (name: string, body: Buffer): JsonObject => {
  const fields = messages.get(name);
  if (!fields) throw new ProtobufError(`${name} is read as JSON only`);
  const result: JsonObject = {};
  for (const { number, value } of partsOf(body)) {
    const field = fields.get(number);
    if (!field) throw new ProtobufError(`field ${number} of ${name} is read as JSON only`);
    put(result, field, value);
  }
  return result;
};

const put = (result: JsonObject, field: Field, value: Part["value"]): void => {
  const { name, type, cardinality } = field;
  const present = result[name];
  if (cardinality === "list") result[name] = [...(Array.isArray(present) ? present : []), decodeValue(type, value)];
  else if (cardinality === "map") {
    const [key, item] = decodeEntry(type, value);
    result[name] = { ...(isObject(present) ? present : {}), [key]: item };
  } else {
    const decoded = decodeValue(type, value);
    if (decoded !== undefined && (field.isPointer || !isZero(decoded))) result[name] = decoded;
  }
};

const isZero = (value: unknown): boolean => value === "" || value === 0 || value === false;

const decodeEntry = (type: string, value: Part["value"]): [string, unknown] => {
  const parts = new Map(partsOf(asBytes(value)).map((part) => [part.number, part.value]));
  return [asBytes(parts.get(1) ?? Buffer.alloc(0)).toString(), decodeValue(type, parts.get(2) ?? Buffer.alloc(0))];
};

const decodeValue = (type: string, value: Part["value"]): unknown => {
  switch (type) {
    case "string":
      return asBytes(value).toString();
    case "bytes":
      return asBytes(value).toString("base64");
    case "int":
      return Number(value);
    case "bool":
      return Number(value) === 1;
    case "time":
      return decodeTime(asBytes(value));
    case "quantity":
      return asBytes(partsOf(asBytes(value)).find(({ number }) => number === 1)?.value ?? Buffer.alloc(0)).toString();
    case "intOrString":
      return decodeIntOrString(asBytes(value));
    case "ignored":
      return undefined;
    default:
      return decodeMessage(type, asBytes(value));
  }
};

/** `metav1.Time`, in seconds. An empty message is no time. */
const decodeTime = (body: Buffer): string | undefined => {
  const seconds = partsOf(body).find(({ number }) => number === 1)?.value;
  return typeof seconds === "number" ? timestamp(seconds * 1000) : undefined;
};

/** Type 0 is a number in field 2; type 1 is a string in field 3. */
const decodeIntOrString = (body: Buffer): number | string => {
  const parts = new Map(partsOf(body).map((part) => [part.number, part.value]));
  return parts.get(1) === 1 ? asBytes(parts.get(3) ?? Buffer.alloc(0)).toString() : Number(parts.get(2) ?? 0);
};

const asBytes = (value: Part["value"]): Buffer => {
  if (typeof value === "number") throw new ProtobufError("a number is where a text or message should be");
  return value;
};

const VARINT = 0;
const LENGTH_DELIMITED = 2;

/** The fields of a message in wire order. Kubernetes messages contain only varint and length-delimited fields. */
const partsOf = (body: Buffer): Part[] => {
  const parts: Part[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = body[at];
      if (byte === undefined) throw new ProtobufError("the message ends within a number");
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < body.length) {
    const tag = varint();
    const [number, wire] = [tag >> 3, tag & 7];
    if (wire === VARINT) parts.push({ number, value: varint() });
    else if (wire === LENGTH_DELIMITED) {
      const length = varint();
      if (at + length > body.length) throw new ProtobufError(`field ${number} is longer than its message`);
      parts.push({ number, value: body.subarray(at, at + length) });
      at += length;
    } else throw new ProtobufError(`field ${number} has the wire type ${wire}`);
  }
  return parts;
};
