// Tables of probabilities: what is refused, and the information that two axes have about each other.

/** $I(A; Y) = \sum p(a, y) \log_2 \frac{p(a, y)}{p(a) \, p(y)}$ in bits, of a table `[a][y]`. */
export function mutualInformation(table: number[][]): number {
  const classes = table[0].map((_, y) => sum(table.map((row) => row[y])));
  return sum(table.map((row) => {
    const total = sum(row);
    return sum(row.map((value, y) => value > 0 ? value * Math.log2(value / (total * classes[y])) : 0));
  }));
}

/** Their sum. */
export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** $H = -\sum p \log_2 p$ in bits. */
export const entropy = (probabilities: readonly number[]): number =>
  sum(probabilities.map((p) => p > 0 ? -p * Math.log2(p) : 0));

/** $p(y \mid a)$ of a table `[a][y]`; zeros where a has no probability. */
export const conditional = (table: number[][]): number[][] =>
  table.map((row) => row.map((value) => value > 0 ? value / sum(row) : 0));

/** Tables are often printed or stored in float32. */
const TOTAL_TOLERANCE = 1e-5;

/**
 * A table `p[x1][x2][y]` whose entries sum to 1 but for rounding, divided by their sum.
 *
 * @throws {RangeError} If the table is empty or ragged, has a negative or non-finite entry, or does not sum to 1.
 */
export function normalized(p: number[][][]): number[][][] {
  const [n1, n2, classes] = [p.length, p[0]?.length ?? 0, p[0]?.[0]?.length ?? 0];
  if (n1 * n2 * classes === 0) throw new RangeError(`Expected a table p[x1][x2][y], got [${n1}, ${n2}, ${classes}]`);
  if (p.some((plane) => plane.length !== n2 || plane.some((row) => row.length !== classes))) {
    throw new RangeError(`Expected every p[x1] to be [${n2}, ${classes}] as the first is, got rows of unequal length`);
  }
  const entries = p.flat(2), wrong = entries.find((value) => !(value >= 0 && Number.isFinite(value)));
  if (wrong !== undefined) throw new RangeError(`Expected probabilities of at least 0, got ${wrong}`);
  const total = sum(entries);
  if (!(Math.abs(total - 1) <= TOTAL_TOLERANCE)) {
    throw new RangeError(`Expected probabilities that sum to 1, got a sum of ${total}: divide counts by their total`);
  }
  return p.map((plane) => plane.map((row) => row.map((value) => value / total)));
}

/** $p(x_1, y)$ and $p(x_2, y)$ of a table `p[x1][x2][y]`, as `[x1][y]` and `[x2][y]`. */
export function sourceMarginals(p: number[][][]): [first: number[][], second: number[][]] {
  const classes = p[0][0].map((_, y) => y);
  return [
    p.map((plane) => classes.map((y) => sum(plane.map((row) => row[y])))),
    p[0].map((_, b) => classes.map((y) => sum(p.map((plane) => plane[b][y])))),
  ];
}
