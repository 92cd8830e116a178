/** Merges launch templates into requests: the request's own parameters win, and tags are merged. */

import { branch, branches, type Params, text } from "../../gateway/query-params.ts";
import { CloudError } from "../../gateway/service.ts";
import type { LaunchTemplate, LaunchTemplateVersion } from "../launch-template.ts";
import type { World } from "../world.ts";

/** Finds a template by LaunchTemplateId or LaunchTemplateName. Throws EC2's NotFound errors. */
export const findTemplate = ({ templates }: World, params: Params): LaunchTemplate => {
  const id = text(params, "LaunchTemplateId");
  const name = text(params, "LaunchTemplateName");
  if ((id === undefined) === (name === undefined)) {
    throw new CloudError(
      "InvalidParameterCombination",
      "Exactly one of LaunchTemplateId and LaunchTemplateName must be specified.",
    );
  }
  const found = id ? templates.get(id) : [...templates.values()].find((template) => template.name === name);
  if (found) return found;
  throw id
    ? new CloudError(
        "InvalidLaunchTemplateId.NotFound",
        `The specified launch template, with template ID ${id}, does not exist.`,
      )
    : new CloudError(
        "InvalidLaunchTemplateName.NotFoundException",
        "At least one of the launch templates specified in the request does not exist.",
      );
};

export interface UsedTemplate {
  readonly template: LaunchTemplate;
  readonly version: number;
}

/** `version` is `$Default`, `$Latest` or a number. */
export const findVersion = (template: LaunchTemplate, version = "$Default"): LaunchTemplateVersion => {
  const number =
    version === "$Latest"
      ? template.versions.at(-1)?.number
      : version === "$Default"
        ? template.defaultVersion
        : Number(version);
  const found = template.versions.find((candidate) => candidate.number === number);
  if (!found) {
    throw new CloudError(
      "InvalidLaunchTemplateId.VersionNotFound",
      `Could not find the specified version ${version} for the launch template with ID ${template.id}.`,
    );
  }
  return found;
};

/** Applies the request over the template's content; the result has RunInstances' parameters. */
export const overlay = (content: Params, request: Params): Params => {
  const specifications = [...branches(content, "TagSpecification"), ...branches(request, "TagSpecification")];
  return {
    ...content,
    ...request,
    TagSpecification: Object.fromEntries(
      specifications.map((specification, index) => [String(index + 1), specification]),
    ),
  };
};

/** Merges the request's `LaunchTemplate`, if any, into RunInstances' parameters. */
export const withTemplate = (world: World, params: Params): { params: Params; template: UsedTemplate | undefined } => {
  const reference = branch(params, "LaunchTemplate");
  if (Object.keys(reference).length === 0) return { params, template: undefined };
  const template = findTemplate(world, reference);
  const { content, number } = findVersion(template, text(reference, "Version"));
  return { params: overlay(content, params), template: { template, version: number } };
};
