import { ACCOUNT, REGION } from "../../gateway/service.ts";
import { type CreateResource, physicalName } from "../resource.ts";

const named =
  (nameProperty: string, arnOf: (name: string) => string): CreateResource =>
  (request) => {
    const name = String(request.properties[nameProperty] ?? physicalName(request));
    return { ref: name, attributes: { Arn: arnOf(name) } };
  };

const regional = (service: string, kind: string) => (name: string) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${kind}${name}`;

/** Resources that exist but do nothing: people look at them, and the system does not depend on them. */
export const INERT: Readonly<Record<string, CreateResource>> = {
  "AWS::CDK::Metadata": named("Name", regional("cdk", "")),
  "AWS::CloudWatch::Alarm": named("AlarmName", regional("cloudwatch", "alarm:")),
  "AWS::CloudWatch::CompositeAlarm": named("AlarmName", regional("cloudwatch", "alarm:")),
  "AWS::CloudWatch::Dashboard": named("DashboardName", regional("cloudwatch", "dashboard/")),
  "AWS::Logs::LogGroup": named("LogGroupName", (name) => `${regional("logs", "log-group:")(name)}:*`),
  "AWS::Logs::MetricFilter": named("FilterName", regional("logs", "metric-filter:")),
};
