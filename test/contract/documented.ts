import { expect, test } from "vitest";

export interface Documented {
  readonly name: string;
  /** The AWS document that says so. */
  readonly source: string;
  /** By implementation: what it does instead, and how the test then fails. */
  readonly deviations: Readonly<Record<string, readonly [does: string, failsWith: RegExp]>>;
}

/**
 * A test of documented AWS behavior from which some implementations are known to deviate. On those the test must fail as described, so that
 * the deviation is removed as soon as the implementation follows AWS.
 */
export const documented = (
  implementation: string,
  { name, source, deviations }: Documented,
  body: () => Promise<void>,
): void => {
  const deviation = deviations[implementation];
  if (!deviation) {
    test(name, body);
    return;
  }
  const [does, failsWith] = deviation;
  test(`${name} according to ${source}, but ${implementation} ${does}`, async () => {
    const failure = await body().then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(failure, `${implementation} now follows AWS: remove this deviation`).toMatch(failsWith);
  });
};
