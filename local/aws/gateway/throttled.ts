import { CloudError } from "./service.ts";

/** Lambda refused to start an invocation (TooManyRequestsException, 429); `reason` is one of its reasons. */
export class Throttled extends CloudError {
  constructor(functionName: string, reason: string) {
    super("TooManyRequestsException", `TooManyRequestsException: Rate Exceeded. ${functionName}: ${reason}`, 429);
    this.name = "Throttled";
  }
}
