/** IAM's `*` (any characters) and `?` (one character). Backtracks to the last star only, so no pattern takes exponential time. */
export const matchesWildcard = (pattern: string, text: string): boolean => {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p;
      p += 1;
      resume = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p += 1;
  return p === pattern.length;
};

const ARN_PARTS = 6;

const splitArn = (arn: string): string[] => {
  const parts = arn.split(":");
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
};

/** Matches as ArnLike does: wildcards match within each of an ARN's six parts, not across them. */
export const matchesArn = (pattern: string, arn: string): boolean => {
  if (pattern === "*") return true;
  const parts = splitArn(arn);
  return splitArn(pattern).every((part, index) => matchesWildcard(part, parts[index] ?? ""));
};
