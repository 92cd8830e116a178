/** One run of kubectl, which must print the same on both clusters. */
export interface Step {
  /** The arguments; those in single quotes may contain spaces. */
  readonly run: string;
  /** Standard input: a manifest. */
  readonly input: string;
  /** The user whose kubeconfig it uses. */
  readonly as: string;
  readonly code: number;
  /** What the output must contain. */
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
