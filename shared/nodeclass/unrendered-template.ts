import type { AWSNodeClassSpec } from "../api/types.ts";

/**
 * Until Stratos writes user data itself, a class with `bootstrapTemplate` is resolved but launches nothing: its nodes would
 * never join. The one place to remove when the templates arrive.
 */
export const unrenderedTemplate = ({ bootstrapTemplate }: AWSNodeClassSpec): string | undefined =>
  bootstrapTemplate &&
  `bootstrapTemplate ${bootstrapTemplate} cannot be rendered by this version yet; give userData and ami instead`;
