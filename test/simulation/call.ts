/** One call of production code to a service. */

/** `crash before` and `crash after`: the process ends right before or after the call takes effect. */
export type Fate = "succeed" | "fail" | "lose the answer" | "crash before" | "crash after";

export interface CallPlan {
  readonly fate: Fate;
  /** Until the call takes effect. */
  readonly delayMs: number;
}

/** What a call is: `ec2 StartInstances`, `kube PATCH`, `dynamodb Update`. */
export type Service = "ec2" | "kube" | "dynamodb" | "iam" | "ssm" | "sqs" | "eventbridge";

export interface Call {
  readonly process: Process;
  readonly service: Service;
  readonly operation: string;
  /** For the trace. */
  detail(): string;
}

/** One function environment, or the forwarder's container. */
export interface Process {
  readonly name: string;
  /** How far its clock is ahead. */
  readonly skewMs: number;
  isAlive: boolean;
  /** How many of its calls have failed or lost their answer. */
  faults: number;
  /** Ends what it is doing. */
  readonly onEnd: Set<() => void>;
}
