/** What the table holds of one pool, in memory. */
export interface FakeItems {
  size(): number;
  clear(): void;
}
