/** One run of kubectl; it must print the same on both clusters. */
export interface Step {
  /** Its arguments; those in single quotes may hold spaces. */
  readonly run: string;
  /** Its standard input: a manifest. */
  readonly input: string;
  /** Whose kubeconfig it uses. */
  readonly as: string;
  readonly code: number;
  /** What it must at least say. */
  readonly says: RegExp;
}

/** A run that succeeds, as an administrator. */
export const step = (run: string, says: RegExp, more: Partial<Step> = {}): Step => ({
  run,
  says,
  input: "",
  as: "admin",
  code: 0,
  ...more,
});

/** A run that fails. */
export const fails = (run: string, says: RegExp, more: Partial<Step> = {}): Step =>
  step(run, says, { code: 1, ...more });

export const argumentsOf = ({ run }: Step): string[] =>
  (run.match(/'[^']*'|\S+/g) ?? []).map((argument) => argument.replace(/^'|'$/g, ""));
