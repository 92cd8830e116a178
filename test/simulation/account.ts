/** The rest of the account in this process: IAM's instance profiles and SSM's public parameters, without HTTP. */
import { CloudError } from "../../local/aws/gateway/service.ts";
import { IAM_ACTIONS } from "../../local/aws/iam/actions.ts";
import type { InstanceProfiles } from "../../local/aws/iam/instance-profiles.ts";
import type { Parameters } from "../../local/aws/ssm/parameters.ts";
import { type Command, IAM_QUERY, nameOf, toOutput, toParams, toSdkError } from "./sdk.ts";

/** Carries out a command of the IAM client at once; throws what the SDK would throw. */
export const executeIam = (profiles: InstanceProfiles, command: Command): unknown => {
  const name = nameOf(command);
  const action = IAM_ACTIONS[name];
  if (!action) throw new Error(`${name} is not simulated`);
  try {
    const call = { params: toParams(IAM_QUERY, command.input as object), authorize: () => {} };
    return toOutput(action(profiles, call) ?? {});
  } catch (error) {
    throw error instanceof CloudError ? toSdkError(error) : error;
  }
};

/** Carries out a command of the SSM client at once; throws what the SDK would throw. */
export const executeSsm = (parameters: Parameters, { input }: Command): unknown => {
  const { Name = "" } = input as { readonly Name?: string };
  const parameter = parameters.get(Name);
  if (!parameter) throw toSdkError(new CloudError("ParameterNotFound", `Parameter ${Name} not found.`));
  return { Parameter: { Value: parameter.value } };
};
