import type { AccessKey } from "../gateway/credentials.ts";
import { ACCOUNT, CloudError, type CloudRequest, type CloudService } from "../gateway/service.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";
const HEADERS = { "content-type": "text/xml" };
/** The default of AssumeRole, and all that is allowed to a role that assumes another ("Role chaining", IAM User Guide). */
const SESSION_MS = 60 * 60_000;

export interface StsOptions {
  now(): number;
  /** Opens a session of a role of any account; undefined unless the role exists and trusts the caller. */
  assume(request: CloudRequest, roleArn: string, sessionName: string): AccessKey | undefined;
}

/** `AROA…:session` for a role session; the account id for the root user. */
const userId = ({ principal }: CloudRequest) =>
  principal.roleName === undefined ? ACCOUNT : `AROAEMBEDDED:${principal.arn.split("/").at(-1)}`;

const identify = (request: CloudRequest): string => {
  const { arn, account = ACCOUNT } = request.principal;
  return `<Arn>${arn}</Arn><UserId>${userId(request)}</UserId><Account>${account}</Account>`;
};

const assumeRole = ({ now, assume }: StsOptions, request: CloudRequest, parameters: URLSearchParams): string => {
  const roleArn = parameters.get("RoleArn") ?? "";
  request.authorize("sts:AssumeRole", [roleArn]);
  const key = assume(request, roleArn, parameters.get("RoleSessionName") ?? "");
  if (!key) {
    const message = `User: ${request.principal.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`;
    throw new CloudError("AccessDenied", message, 403);
  }
  const expiration = new Date(now() + SESSION_MS).toISOString();
  return (
    `<Credentials><AccessKeyId>${key.keyId}</AccessKeyId><SecretAccessKey>${key.secret}</SecretAccessKey>` +
    `<SessionToken>${key.sessionToken}</SessionToken><Expiration>${expiration}</Expiration></Credentials>` +
    `<AssumedRoleUser><Arn>${key.principal.arn}</Arn></AssumedRoleUser>`
  );
};

const NOBODY: StsOptions = { now: () => 0, assume: () => undefined };

/** Simulates STS: GetCallerIdentity, which needs no permission, and AssumeRole. */
export const createSts = (options: StsOptions = NOBODY): CloudService => ({
  signingName: "sts",
  handle: async (request) => {
    const parameters = new URLSearchParams(request.body.toString());
    const action = parameters.get("Action") ?? request.query.get("Action");
    try {
      const result = action === "AssumeRole" ? assumeRole(options, request, parameters) : identify(request);
      if (action !== "AssumeRole" && action !== "GetCallerIdentity")
        throw new CloudError("InvalidAction", "The simulated STS supports only GetCallerIdentity and AssumeRole");
      const body = `<${action}Response xmlns="${NAMESPACE}"><${action}Result>${result}</${action}Result></${action}Response>`;
      return { status: 200, headers: HEADERS, body };
    } catch (error) {
      if (!(error instanceof CloudError)) throw error;
      const content = `<Type>Sender</Type><Code>${error.code}</Code><Message>${error.message}</Message>`;
      const body = `<ErrorResponse xmlns="${NAMESPACE}"><Error>${content}</Error></ErrorResponse>`;
      return { status: error.status, headers: HEADERS, body };
    }
  },
});
