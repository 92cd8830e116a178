/**
 * The fewest nodes of one size that hold all pods, found by trying everything. Sizes and the node's are lists of amounts; takes long
 * for more than ten pods.
 */
export const fewestNodes = (sizes: readonly (readonly number[])[], whole: readonly number[]): number => {
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
    free.push(whole.map((amount, at) => amount - (size[at] ?? 0)));
    placeFrom(index + 1);
    free.pop();
  };

  placeFrom(0);
  return best;
};
