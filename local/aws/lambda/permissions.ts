import { CloudError } from "../gateway/service.ts";
import { matchesArn } from "../iam/policy/wildcard.ts";

/** Who, other than the account's roles, may invoke which function: the statements of `lambda:AddPermission`. */
export interface FunctionPermissions {
  add(permission: { functionArn: string; service: string; sourceArn: string | undefined }): void;
  /** Throws `CloudError` AccessDenied unless a statement allows the caller. */
  assert(functionArn: string, caller: { readonly service: string; readonly sourceArn: string }): void;
}

export const createPermissions = (): FunctionPermissions => {
  const permissions: Parameters<FunctionPermissions["add"]>[0][] = [];
  return {
    add: (permission) => void permissions.push(permission),
    assert: (functionArn, caller) => {
      const allowed = permissions.some(
        (permission) =>
          permission.functionArn === functionArn &&
          permission.service === caller.service &&
          (permission.sourceArn === undefined || matchesArn(permission.sourceArn, caller.sourceArn)),
      );
      if (allowed) return;
      const sentence = `${caller.service} (${caller.sourceArn}) is not authorized to perform: lambda:InvokeFunction`;
      throw new CloudError("AccessDenied", `${sentence} on resource: ${functionArn}`, 403);
    },
  };
};
