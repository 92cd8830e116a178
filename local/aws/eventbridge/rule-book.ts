import type { Clock } from "../../clock.ts";
import { CloudError } from "../gateway/service.ts";
import { compileRule, DEFAULT_BUS, type Rule, type RuleSpec } from "./rule.ts";

/** The account's buses and their rules. */
export interface RuleBook {
  busNames(): string[];
  busArn(name: string): string;
  ruleArn(busName: string, name: string): string;
  /** Throws ResourceNotFoundException for an unknown bus. */
  rulesOn(busName: string): readonly Rule[];
  find(busName: string, name: string): Rule | undefined;
  createBus(name: string): void;
  /** Creates or replaces a rule; a replaced rule keeps its metrics. */
  putRule(spec: RuleSpec): Rule;
  /** Stops all schedules. */
  stop(): void;
}

export interface RuleBookOptions {
  readonly clock: Clock;
  /** `arn:aws:events:<region>:<account>`. */
  readonly arnPrefix: string;
  /** Called when a rule's schedule is due, with the scheduled time. */
  readonly onSchedule: (rule: Rule, at: number) => void;
}

export const createRuleBook = ({ clock, arnPrefix, onSchedule }: RuleBookOptions): RuleBook => {
  const buses = new Map<string, Map<string, Rule>>([[DEFAULT_BUS, new Map()]]);
  const timers = new Map<string, () => void>();

  const busOf = (busName: string): Map<string, Rule> => {
    const rules = buses.get(busName);
    if (rules) return rules;
    throw new CloudError("ResourceNotFoundException", `Event bus ${busName} does not exist.`);
  };

  const scheduleNext = (rule: Rule) => {
    timers.get(rule.arn)?.();
    const at = rule.nextAt?.(clock.now());
    if (at === undefined) return;
    const fire = () => {
      if (rule.enabled) onSchedule(rule, at);
      scheduleNext(rule);
    };
    timers.set(rule.arn, clock.after(at - clock.now(), fire));
  };

  const ruleArn = (busName: string, name: string): string =>
    `${arnPrefix}:rule/${busName === DEFAULT_BUS ? "" : `${busName}/`}${name}`;

  return {
    busNames: () => [...buses.keys()],
    busArn: (name) => `${arnPrefix}:event-bus/${name}`,
    ruleArn,
    rulesOn: (busName) => [...busOf(busName).values()],
    find: (busName, name) => busOf(busName).get(name),
    createBus: (name) => {
      if (!buses.has(name)) buses.set(name, new Map());
    },
    putRule: (spec) => {
      const { busName = DEFAULT_BUS, name } = spec;
      const rules = busOf(busName);
      const rule = compileRule(spec, ruleArn(busName, name), clock.now(), rules.get(name)?.metrics);
      rules.set(name, rule);
      scheduleNext(rule);
      return rule;
    },
    stop: () => {
      for (const cancel of timers.values()) cancel();
    },
  };
};
