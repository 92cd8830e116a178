/** CloudWatch's embedded metric format ("Specification: Embedded metric format", CloudWatch User Guide). */

export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Directive {
  Namespace: string;
  Dimensions?: string[][];
  Metrics: { Name: string; Unit?: string }[];
}

interface EmfLine {
  _aws?: { Timestamp: number; CloudWatchMetrics?: Directive[] };
  [field: string]: unknown;
}

const parse = (line: string): EmfLine | undefined => {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return undefined;
  try {
    return JSON.parse(line) as EmfLine;
  } catch {
    return undefined;
  }
};

/** Returns the metrics in a log line, one entry per metric and set of dimensions; none for an ordinary line. */
export const readMetrics = (line: string): Metric[] => {
  const document = parse(line);
  const at = document?._aws?.Timestamp ?? 0;
  return (document?._aws?.CloudWatchMetrics ?? []).flatMap(({ Namespace, Dimensions = [[]], Metrics }) =>
    Dimensions.flatMap((names) =>
      Metrics.map(({ Name, Unit = "None" }) => ({
        namespace: Namespace,
        name: Name,
        unit: Unit,
        dimensions: Object.fromEntries(names.map((name) => [name, String(document?.[name])])),
        values: [document?.[Name]].flat().map(Number),
        at,
      })),
    ),
  );
};
