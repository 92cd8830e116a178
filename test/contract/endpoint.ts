/** What an SDK client needs to reach an implementation of AWS's APIs on this machine. */
export interface Endpoint {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** With the credentials that the embedded cloud's account has; the others take any. */
export const endpointAt = (url: string): Endpoint => ({
  endpoint: url,
  region: "us-east-1",
  credentials: { accessKeyId: "test", secretAccessKey: "test" },
});
