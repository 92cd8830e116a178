import { CloudError, type CloudResponse } from "./service.ts";

/** The JSON protocols have their own codes for the errors that the gateway itself returns. */
const JSON_CODES: Readonly<Record<string, string>> = {
  MissingAuthenticationToken: "MissingAuthenticationTokenException",
  InvalidClientTokenId: "UnrecognizedClientException",
  SignatureDoesNotMatch: "InvalidSignatureException",
};

/** EC2 reports only that the credentials are wrong. */
const EC2_CODES: Readonly<Record<string, string>> = {
  InvalidClientTokenId: "AuthFailure",
  SignatureDoesNotMatch: "AuthFailure",
};

const escapeXml = (text: string) => text.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`);

/** Renders an error of the gateway itself in the request's protocol: JSON, EC2's XML or the query protocol's XML. */
export const renderError = (
  request: { headers: Readonly<Record<string, string>>; signingName: string | undefined; requestId: string },
  error: unknown,
): CloudResponse => {
  const { code, status, message } =
    error instanceof CloudError ? error : new CloudError("InternalFailure", `Internal failure: ${String(error)}`, 500);
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
