/**
 * The fewest equal nodes that hold all pods, found by exhaustive search. `sizes` and `allocatable` are lists of amounts. Slow for more than ten
 * pods.
 */
export const fewestNodes = (sizes: readonly (readonly number[])[], allocatable: readonly number[]): number => {
  let best = sizes.length;
  const free: number[][] = [];

  const placeFrom = (index: number): void => {
    if (free.length >= best) return;
    const size = sizes[index];
    if (!size) {
      best = free.length;
      return;
    }
    for (const node of free) {
      if (size.some((amount, at) => amount > (node[at] ?? 0))) continue;
      for (const [at, amount] of size.entries()) node[at] = (node[at] ?? 0) - amount;
      placeFrom(index + 1);
      for (const [at, amount] of size.entries()) node[at] = (node[at] ?? 0) + amount;
    }
    free.push(allocatable.map((amount, at) => amount - (size[at] ?? 0)));
    placeFrom(index + 1);
    free.pop();
  };

  placeFrom(0);
  return best;
};
