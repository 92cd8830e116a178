/** Somebody else who acts on the cluster or the account. */

import type { ActorName } from "../features.ts";
import type { Random } from "../random.ts";

export interface Actor {
  /** What the actor does once; `node` is one of the managed ones. */
  act(node: string, random: Random): void;
  /** What is undone when the hostile time ends. */
  undo?(): void;
}

export type Actors = Readonly<Partial<Record<ActorName, Actor>>>;
