import { CloudError, type CloudResponse } from "./service.ts";

/** The JSON protocols have names of their own for what the front door itself refuses. */
const JSON_CODES: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  InvalidClientTokenId: "UnrecognizedClientException",
  SignatureDoesNotMatch: "InvalidSignatureException",
};

/** EC2 tells no more than that the credentials are wrong. */
const EC2_CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: "AuthFailure",
  SignatureDoesNotMatch: "AuthFailure",
};

const escapeXml = (text: string) => text.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`);

/** An error as the front door answers it, in the protocol the request speaks: JSON, EC2's XML or the query protocol's. */
export const renderRefusal = (
  request: { headers: Readonly<Record<string, string>>; signingName: string | undefined; requestId: string },
  error: unknown,
): CloudResponse => {
  const refusal =
    error instanceof CloudError ? error : new CloudError("InternalFailure", `Internal failure: ${String(error)}`, 500);
  const { code, status, message } = refusal;
  const isQuery = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded");
  if (!isQuery) {
    const type = JSON_CODES[code] ?? code;
    return {
      status,
      headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": type },
      body: JSON.stringify({ __type: type, message }),
    };
  }
  const headers = { "content-type": "text/xml;charset=UTF-8" };
  const text = escapeXml(message);
  const body =
    request.signingName === "ec2"
      ? `<Response><Errors><Error><Code>${EC2_CODES[code] ?? code}</Code><Message>${text}</Message></Error></Errors><RequestID>${request.requestId}</RequestID></Response>`
      : `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>${request.requestId}</RequestId></ErrorResponse>`;
  return { status, headers, body };
};
