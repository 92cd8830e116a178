/** Evaluates an alarm of the template as CloudWatch does, on recorded metrics. */

import { METRICS } from "../../shared/telemetry/metric-names.ts";
import type { Telemetry } from "../../shared/telemetry/telemetry.ts";

export interface Sample {
  readonly at: number;
  readonly name: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** Telemetry that records each value with its time. */
export const recordingTelemetry = (now: () => number): Telemetry & { readonly samples: Sample[] } => {
  const samples: Sample[] = [];
  const ignore = () => {};
  return {
    samples,
    log: { info: ignore, warn: ignore, error: ignore },
    recordMetric: (metric, value, dimensions, { reason } = {}) =>
      void samples.push({
        at: now(),
        name: METRICS[metric].name,
        value,
        dimensions: { ...dimensions, ...(reason && { Reason: reason }) },
      }),
  };
};

/** The properties of an AWS::CloudWatch::Alarm on a Metrics Insights query. */
export interface AlarmProperties {
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly Metrics: readonly { readonly Expression: string; readonly Period: number }[];
}

const matches = (where: string, { dimensions }: Sample): boolean =>
  where.split(" OR ").some((alternative) =>
    alternative.split(" AND ").every((term) => {
      const [, key = "", operator, value] = /^(\w+) (=|!=) '(\w+)'$/.exec(term) ?? [];
      return operator === "=" ? dimensions[key] === value : key in dimensions && dimensions[key] !== value;
    }),
  );

/** Whether the alarm is on at the end of each period between two times. Periods without data do not breach. */
export const replay = (
  { Metrics: [query], EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold }: AlarmProperties,
  samples: readonly Sample[],
  { from, to }: { readonly from: number; readonly to: number },
): boolean[] => {
  const pattern = /^SELECT (MAX|SUM)\((\w+)\) FROM "Stratos"(?: WHERE (.*))?$/;
  const [, statistic, name, where] = pattern.exec(query?.Expression ?? "") ?? [];
  const periodMs = (query?.Period ?? 0) * 1000;
  if (!name || periodMs === 0) throw new Error(`replaying an alarm: cannot read ${JSON.stringify(query)}`);
  const relevant = samples.filter((sample) => sample.name === name && (where === undefined || matches(where, sample)));
  const byPeriod = Map.groupBy(relevant, ({ at }) => Math.floor(at / periodMs));
  const breaches = (period: number): boolean => {
    const values = (byPeriod.get(period) ?? []).map(({ value }) => value);
    if (values.length === 0) return false;
    return (statistic === "MAX" ? Math.max(...values) : values.reduce((sum, value) => sum + value)) >= Threshold;
  };
  const states: boolean[] = [];
  for (let period = Math.ceil(from / periodMs); (period + 1) * periodMs <= to; period += 1) {
    const evaluated = Array.from({ length: EvaluationPeriods }, (_, index) => period - index);
    states.push(evaluated.filter(breaches).length >= DatapointsToAlarm);
  }
  return states;
};
