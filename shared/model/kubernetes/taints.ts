import type { Taint } from "./objects.ts";

export const sameTaint = (one: Taint, other: Taint): boolean => one.key === other.key && one.effect === other.effect;
