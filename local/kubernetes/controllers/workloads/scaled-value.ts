/** Resolves a number of pods given as an integer or as a percentage of `total` (apimachinery intstr, GetScaledValueFromIntOrPercent). */
export const scaledValue = (value: number | string | undefined, total: number, round: "up" | "down"): number => {
  if (typeof value !== "string") return value ?? 0;
  const exact = (Number.parseFloat(value) * total) / 100;
  return value.endsWith("%") ? (round === "up" ? Math.ceil(exact) : Math.floor(exact)) : Number(value);
};
