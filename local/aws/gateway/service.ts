/** The contract between the gateway (signature check, dispatch) and the services behind it. */

/** An IAM role session, or the account's root user, who may do everything. */
export interface Principal {
  readonly arn: string;
  readonly roleName?: string;
  /** `ACCOUNT` by default. */
  readonly account?: string;
}

/** Throws `CloudError` AccessDenied unless every resource is allowed. `context` maps condition keys, in AWS's spelling, to values. */
export type Authorize = (action: string, resources: readonly string[], context?: ConditionContext) => void;
export type ConditionContext = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Decides what a principal may do; IAM implements it. */
export interface RequestAuthorizer {
  /** `region` is that of the request; `REGION` by default. */
  for(principal: Principal, region?: string): Authorize;
}

export interface CloudRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly principal: Principal;
  readonly authorize: Authorize;
}

export interface CloudResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** One AWS service. The gateway selects it by the signing name in the request's credential scope (`ec2`, `sqs`, …). */
export interface CloudService {
  readonly signingName: string;
  /** Renders its own errors, including `CloudError`, in its protocol. */
  handle(request: CloudRequest): Promise<CloudResponse>;
}

/** An error with AWS's code and HTTP status. */
export class CloudError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** An entry on an event bus, as AWS delivers it to targets. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export const ACCOUNT = "123456789012";
export const REGION = "us-east-1";

export interface Place {
  readonly account: string;
  readonly region: string;
}

/** Where everything is that is not said to be elsewhere. */
export const HOME: Place = { account: ACCOUNT, region: REGION };
