import { ACCOUNT, type CloudRequest, type CloudService } from "../gateway/service.ts";

const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** `AROA…:session` for a role session; the account id for the root user. */
const userId = ({ principal }: CloudRequest) =>
  principal.roleName === undefined ? ACCOUNT : `AROAEMBEDDED:${principal.arn.split("/").at(-1)}`;

/** Simulates STS: only GetCallerIdentity, which needs no permission. */
export const createSts = (): CloudService => ({
  signingName: "sts",
  handle: async (request) => {
    const action = new URLSearchParams(request.body.toString()).get("Action") ?? request.query.get("Action");
    const headers = { "content-type": "text/xml" };
    if (action !== "GetCallerIdentity") {
      const error = `<Type>Sender</Type><Code>InvalidAction</Code><Message>The simulated STS supports only GetCallerIdentity</Message>`;
      return {
        status: 400,
        headers,
        body: `<ErrorResponse xmlns="${NAMESPACE}"><Error>${error}</Error></ErrorResponse>`,
      };
    }
    const identity = `<Arn>${request.principal.arn}</Arn><UserId>${userId(request)}</UserId><Account>${ACCOUNT}</Account>`;
    const body = `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>${identity}</GetCallerIdentityResult></GetCallerIdentityResponse>`;
    return { status: 200, headers, body };
  },
});
