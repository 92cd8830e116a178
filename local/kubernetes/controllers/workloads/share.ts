/** A number of pods, given as such or as a percentage of `total` (apimachinery intstr). */
export const share = (value: number | string | undefined, total: number, round: "up" | "down"): number => {
  if (typeof value !== "string") return value ?? 0;
  const exact = (Number.parseFloat(value) * total) / 100;
  return value.endsWith("%") ? (round === "up" ? Math.ceil(exact) : Math.floor(exact)) : Number(value);
};
