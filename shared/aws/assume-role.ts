/** Temporary credentials of a role in another account (AWS STS API Reference, AssumeRole). One call an hour, so without the SDK's client for it. */
import { type ClientRequest, type RequestOptions, request as sendHttp } from "node:http";
import { request as sendHttps } from "node:https";
import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";

const TIMEOUT_MS = 5_000;

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

interface AssumeRoleOptions {
  readonly roleArn: string;
  /** In CloudTrail of the other account. */
  readonly sessionName: string;
  /** Whose STS is asked. */
  readonly region: string;
  /** In place of STS's own address. */
  readonly endpoint?: string;
  /** Of the caller. */
  readonly credentials: () => Promise<SessionCredentials>;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** A provider for SDK clients, which keep the credentials until shortly before they expire. */
export const assumedRole = (options: AssumeRoleOptions) => async (): Promise<SessionCredentials> => {
  const { roleArn, sessionName, region, credentials } = options;
  const suffix = region.startsWith("cn-") ? ".cn" : "";
  const url = new URL(options.endpoint ?? `https://sts.${region}.amazonaws.com${suffix}`);
  const parameters = { Action: "AssumeRole", Version: "2011-06-15", RoleArn: roleArn, RoleSessionName: sessionName };
  const unsigned = {
    method: "POST",
    protocol: url.protocol,
    hostname: url.hostname,
    path: "/",
    headers: { host: url.host, "content-type": "application/x-www-form-urlencoded" },
    body: `${new URLSearchParams(parameters)}`,
  };
  const signer = new SignatureV4({ service: "sts", region, credentials, sha256: Sha256 });
  const { headers, body } = await signer.sign(unsigned, { signingDate: new Date(Date.now()) });
  const { status, body: answer } = await post(url, headers, body).catch((cause: unknown) => {
    throw new Error(`assuming ${roleArn}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  });
  if (status !== 200) throw new Error(`assuming ${roleArn}: ${textOf(answer, "Code")} ${textOf(answer, "Message")}`);
  return {
    accessKeyId: textOf(answer, "AccessKeyId"),
    secretAccessKey: textOf(answer, "SecretAccessKey"),
    sessionToken: textOf(answer, "SessionToken"),
    expiration: new Date(textOf(answer, "Expiration")),
  };
};

const textOf = (xml: string, element: string): string =>
  new RegExp(`<${element}>([^<]*)</${element}>`).exec(xml)?.[1] ?? "";

/** On a connection of its own: an idle one would not last for an hour. */
const post = (url: URL, headers: Readonly<Record<string, string>>, body: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const options: RequestOptions = { method: "POST", headers, agent: false, timeout: TIMEOUT_MS };
    const send: ClientRequest = (url.protocol === "http:" ? sendHttp : sendHttps)(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => void chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    send.on("timeout", () => send.destroy(new Error(`STS has not answered within ${TIMEOUT_MS} ms`)));
    send.on("error", reject);
    send.end(body);
  });
