/** CreateLaunchTemplate, CreateLaunchTemplateVersion, ModifyLaunchTemplate, DeleteLaunchTemplate and the two Describe calls (API reference). */

import { branch, branches, type Params, readTags, requiredText, text, texts } from "../../gateway/query-params.ts";
import { type Xml, xmlTime } from "../../gateway/query-xml.ts";
import { CloudError } from "../../gateway/service.ts";
import type { Action } from "../call.ts";
import { applyFilters, type FilterFields } from "../filters.ts";
import { findTemplate, findVersion, overlay } from "../launch/from-template.ts";
import { ec2Arn, requestTagContext, resourceTagContext } from "../launch/launch-permissions.ts";
import { readLaunchTags } from "../launch/launch-tags.ts";
import type { LaunchTemplate, LaunchTemplateVersion } from "../launch-template.ts";
import { paginate } from "../pages.ts";
import type { World } from "../world.ts";
import { renderTags } from "./render-instance.ts";

const PAGE = { min: 1, max: 200 };

const renderTemplate = (world: World, template: LaunchTemplate): Xml => ({
  launchTemplateId: template.id,
  launchTemplateName: template.name,
  createTime: xmlTime(template.createdAt),
  createdBy: template.createdBy,
  defaultVersionNumber: template.defaultVersion,
  latestVersionNumber: template.versions.at(-1)?.number,
  tagSet: renderTags(world.tags.of(template.id)),
});

/** The template fields that responses include; a launch uses all of them. */
const renderContent = (content: Params): Xml => ({
  imageId: text(content, "ImageId"),
  instanceType: text(content, "InstanceType"),
  userData: text(content, "UserData"),
  instanceInitiatedShutdownBehavior: text(content, "InstanceInitiatedShutdownBehavior"),
  iamInstanceProfile: {
    arn: text(branch(content, "IamInstanceProfile"), "Arn"),
    name: text(branch(content, "IamInstanceProfile"), "Name"),
  },
  securityGroupIdSet: texts(content, "SecurityGroupId"),
  tagSpecificationSet: Object.entries(readLaunchTags(content)).map(([resourceType, tags]) => ({
    resourceType,
    tagSet: renderTags(tags),
  })),
});

const renderVersion = (template: LaunchTemplate, version: LaunchTemplateVersion): Xml => ({
  launchTemplateId: template.id,
  launchTemplateName: template.name,
  versionNumber: version.number,
  versionDescription: version.description,
  createTime: xmlTime(version.createdAt),
  createdBy: template.createdBy,
  defaultVersion: version.number === template.defaultVersion,
  launchTemplateData: renderContent(version.content),
});

const ownTags = (params: Params) =>
  Object.assign(
    {},
    ...branches(params, "TagSpecification")
      .filter((specification) => text(specification, "ResourceType") === "launch-template")
      .map((specification) => readTags(specification)),
  ) as Record<string, string>;

export const createLaunchTemplate: Action = (world, call) => {
  const { params, principal } = call;
  const name = requiredText(params, "LaunchTemplateName");
  const tags = ownTags(params);
  const arn = ec2Arn(world, "launch-template", "*");
  call.authorize("ec2:CreateLaunchTemplate", [arn], requestTagContext(tags));
  if (Object.keys(tags).length > 0) {
    call.authorize("ec2:CreateTags", [arn], { ...requestTagContext(tags), "ec2:CreateAction": "CreateLaunchTemplate" });
  }
  call.proceed();
  if ([...world.templates.values()].some((template) => template.name === name)) {
    throw new CloudError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.");
  }
  const createdAt = world.clock.now();
  const content = branch(params, "LaunchTemplateData");
  const version = { number: 1, description: text(params, "VersionDescription"), createdAt, content };
  const template = {
    id: world.makeId("lt"),
    name,
    createdAt,
    createdBy: principal,
    defaultVersion: 1,
    versions: [version],
  };
  world.templates.set(template.id, template);
  world.tags.add(template.id, tags);
  return { launchTemplate: renderTemplate(world, template) };
};

/** AWS keeps at most 10,000 versions per template; a caller that reaches this has a bug. */
const MAX_VERSIONS = 10_000;

export const createLaunchTemplateVersion: Action = (world, call) => {
  const { params } = call;
  const template = findTemplate(world, params);
  const context = resourceTagContext(world, template.id);
  call.authorize("ec2:CreateLaunchTemplateVersion", [ec2Arn(world, "launch-template", template.id)], context);
  call.proceed();
  if (template.versions.length >= MAX_VERSIONS) throw new CloudError("VersionLimitExceeded", "Too many versions.");
  const source = text(params, "SourceVersion");
  const own = branch(params, "LaunchTemplateData");
  const version = {
    number: (template.versions.at(-1)?.number ?? 0) + 1,
    description: text(params, "VersionDescription"),
    createdAt: world.clock.now(),
    content: source === undefined ? own : overlay(findVersion(template, source).content, own),
  };
  template.versions.push(version);
  return { launchTemplateVersion: renderVersion(template, version) };
};

export const modifyLaunchTemplate: Action = (world, call) => {
  const template = findTemplate(world, call.params);
  const context = resourceTagContext(world, template.id);
  call.authorize("ec2:ModifyLaunchTemplate", [ec2Arn(world, "launch-template", template.id)], context);
  call.proceed();
  template.defaultVersion = findVersion(template, text(call.params, "SetDefaultVersion")).number;
  return { launchTemplate: renderTemplate(world, template) };
};

export const deleteLaunchTemplate: Action = (world, call) => {
  const template = findTemplate(world, call.params);
  const context = resourceTagContext(world, template.id);
  call.authorize("ec2:DeleteLaunchTemplate", [ec2Arn(world, "launch-template", template.id)], context);
  call.proceed();
  const response = { launchTemplate: renderTemplate(world, template) };
  world.templates.delete(template.id);
  world.tags.forget(template.id);
  return response;
};

const FIELDS: FilterFields<LaunchTemplate> = { "launch-template-name": ({ name }) => name };

export const describeLaunchTemplates: Action = (world, { params }) => {
  const byId = texts(params, "LaunchTemplateId").map((id) => findTemplate(world, { LaunchTemplateId: id }));
  const byName = texts(params, "LaunchTemplateName").map((name) => findTemplate(world, { LaunchTemplateName: name }));
  const named = [...byId, ...byName];
  const templates = named.length > 0 ? named : [...world.templates.values()];
  const found = applyFilters(params, templates, FIELDS, ({ id }) => world.tags.of(id));
  const { items, nextToken } = paginate(params, found, PAGE);
  return { launchTemplates: items.map((template) => renderTemplate(world, template)), nextToken };
};

export const describeLaunchTemplateVersions: Action = (world, { params }) => {
  const template = findTemplate(world, params);
  const requested = texts(params, "LaunchTemplateVersion").map((version) => findVersion(template, version));
  const { items, nextToken } = paginate(params, requested.length > 0 ? requested : template.versions, PAGE);
  return { launchTemplateVersionSet: items.map((version) => renderVersion(template, version)), nextToken };
};
