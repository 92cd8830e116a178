import { expect, test } from "vitest";
import { startApi } from "./api-client.ts";

test("the OpenAPI v2 document describes no kinds, so that kubectl reports unknown ones", async () => {
  const { call } = await startApi();
  expect((await call("GET", "/openapi/v2")).body).toMatchObject({ swagger: "2.0", paths: {} });
  const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const { status, body } = await call("GET", "/openapi/v2", undefined, { accept });
  expect(status).toBe(200);
  // Field 1, `swagger`, as a string of length 3.
  expect([...Buffer.from(body).subarray(0, 5)]).toEqual([0x0a, 3, ...Buffer.from("2.0")]);
});
