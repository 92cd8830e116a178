/** Logs and metrics for the functions: structured JSON lines and CloudWatch's embedded metric format. */
import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRICS, type MetricName } from "./metric-names.ts";

/** Ids, names and numbers; never secrets or user data. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface Telemetry {
  readonly log: {
    info(message: string, fields?: LogFields): void;
    warn(message: string, fields?: LogFields): void;
    error(message: string, fields?: LogFields): void;
  };
  /** Records one value; `labels` become further dimensions, with a capital first letter. */
  recordMetric(
    metric: MetricName,
    value: number,
    dimensions: Readonly<Record<string, string>>,
    labels?: Readonly<Record<string, string>>,
  ): void;
}

const NAMESPACE = "Stratos";

const capitalized = (name: string) => name.slice(0, 1).toUpperCase() + name.slice(1);

/** `service` is the function's name: it appears in every log line, but is not a metric dimension. */
export const createTelemetry = (service: string): Telemetry => {
  const logger = new Logger({ serviceName: service });
  const metrics = new Metrics({ namespace: NAMESPACE, serviceName: service });
  return {
    log: {
      info: (message, fields = {}) => logger.info(message, fields),
      warn: (message, fields = {}) => logger.warn(message, fields),
      error: (message, fields = {}) => logger.error(message, fields),
    },
    recordMetric: (metric, value, dimensions, labels = {}) => {
      const { name, unit } = METRICS[metric];
      const single = metrics.singleMetric();
      // Powertools adds the service as a dimension, which would split one pool's metrics by function.
      single.clearDefaultDimensions();
      // One by one: `addDimensions` would add a second dimension set, which merges values with different labels.
      for (const [dimension, text] of Object.entries(dimensions)) single.addDimension(dimension, text);
      for (const [label, text] of Object.entries(labels)) single.addDimension(capitalized(label), text);
      single.addMetric(name, unit, value);
    },
  };
};
