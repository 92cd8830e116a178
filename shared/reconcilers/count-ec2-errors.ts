import type { OnEc2Error } from "../aws/clients.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

export const countEc2Errors =
  ({ recordMetric }: Telemetry): OnEc2Error =>
  (operation, code) =>
    recordMetric("ec2Errors", 1, {}, { operation, code });
