import { expect, test } from "vitest";

export interface Documented {
  readonly name: string;
  /** Where AWS says so. */
  readonly source: string;
  /** By implementation: what it does instead, and how this shows in the test's failure. */
  readonly deviations: Readonly<Record<string, readonly [does: string, shows: RegExp]>>;
}

/**
 * A test of what AWS documents and an implementation is known not to do. There the test must fail, and as described: so the note
 * goes as soon as the implementation follows AWS.
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
  const [does, shows] = deviation;
  test(`${name}: so ${source}, but ${implementation} ${does}`, async () => {
    const failure = await body().then(
      () => undefined,
      (error: unknown) => String(error),
    );
    expect(failure, `${implementation} follows AWS by now: this deviation is to be removed`).toMatch(shows);
  });
};
