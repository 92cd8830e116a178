import type { Dynalite } from "./dynalite.ts";

/** Calls an operation of dynalite's. Throws if it fails. */
export const call = async <T>(dynalite: Dynalite, operation: string, input: object): Promise<T> => {
  // Dynalite requires the parts of a signature but does not verify it.
  const authorization = "AWS4-HMAC-SHA256 Credential=test, SignedHeaders=host, Signature=none";
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
    "x-amz-date": "20260101T000000Z",
    authorization,
  };
  const { status, body } = await dynalite.send({ headers, body: JSON.stringify(input) });
  if (status !== 200) throw new Error(`${operation} ${JSON.stringify(input)}: ${body}`);
  return JSON.parse(body.toString()) as T;
};
