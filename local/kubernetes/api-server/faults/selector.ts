import type { Target } from "../requests/target.ts";

/** The requests that a fault affects: a verb and a resource (`pods`, `pods/eviction`); `*` stands for all. */
export interface RequestSelector {
  readonly verb: string;
  readonly resource: string;
}

export const resourceOf = ({ plural, subresource }: Pick<Target, "plural" | "subresource">): string =>
  subresource ? `${plural}/${subresource}` : plural;

export const isSelected = ({ verb, resource }: RequestSelector, target: Target): boolean =>
  (verb === "*" || verb === target.verb) && (resource === "*" || resource === resourceOf(target));
