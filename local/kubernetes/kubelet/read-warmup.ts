/**
 * Recognizes Stratos's own warmup script and reads the variables at its top. The rest is always the same and is simulated in
 * `run-warmup.ts`.
 */
import type { WarmUpPlan } from "./boot-plan.ts";

const MARK = "systemd-run --unit=stratos-warmup";

/** Unquotes one shell word: either unquoted, or in single quotes with `'\''` for a quote. */
const unquote = (word: string): string =>
  word.trim().replaceAll("'\\''", "\0").replaceAll("'", "").replaceAll("\0", "'");

const assigned = (text: string, name: string): string =>
  unquote(new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "");

const listed = (text: string, name: string): string[] => {
  const [, list = ""] = new RegExp(`^${name}=\\(\\n([\\s\\S]*?)^\\)$`, "m").exec(text) ?? [];
  return list
    .split("\n")
    .map(unquote)
    .filter((word) => word !== "");
};

/** The plan in a Stratos warmup script; undefined for any other script. */
export const readWarmup = (text: string): WarmUpPlan | undefined => {
  if (!text.includes(MARK)) return undefined;
  return {
    images: listed(text, "images"),
    optionalImages: listed(text, "optional_images"),
    imagesRequired: assigned(text, "images_required") === "true",
    powersOff: assigned(text, "power_off") === "true",
    limitMs: Number(assigned(text, "limit_s")) * 1000,
    readMs: Number(assigned(text, "read_s")) * 1000,
  };
};
