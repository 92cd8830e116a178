/** What an SDK client needs to reach a local implementation of AWS's APIs. */
export interface Endpoint {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** With the credentials of the simulated account; the other implementations accept any. */
export const endpointAt = (url: string): Endpoint => ({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
