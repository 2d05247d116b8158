/**
 * A score of samples that depends on sums over them alone.
 *
 * Sums of a group and of everyone else add up to the sums of all, so a permutation test passes over the samples once.
 */
export interface Score {
  /** How many sums there are. */
  sums: number;
  /** Adds sample i to the sums. */
  add(sums: Float64Array, i: number): void;
  /** The score of the samples that were added, at least one. */
  value(sums: Float64Array): number;
}

/** The sums over the samples at `indices`, which may repeat. */
export function sumsAt({ sums, add }: Score, indices: ArrayLike<number>): Float64Array {
  const result = new Float64Array(sums);
  for (let k = 0; k < indices.length; k++) add(result, indices[k]);
  return result;
}

/** The score of the samples at `indices`, which may repeat. */
export const scoreAt = (score: Score, indices: ArrayLike<number>): number => score.value(sumsAt(score, indices));

/** The mean of a number that each sample has. */
export const meanScore = (values: ArrayLike<number>): Score => ({
  sums: 2,
  add(sums, i) {
    sums[0] += values[i];
    sums[1]++;
  },
  value: ([sum, count]) => sum / count,
});

/** How far the score of the same samples falls from one score to another. */
export const scoreDifference = (a: Score, b: Score): Score => ({
  sums: a.sums + b.sums,
  add(sums, i) {
    a.add(sums.subarray(0, a.sums), i);
    b.add(sums.subarray(a.sums), i);
  },
  value: (sums) => a.value(sums.subarray(0, a.sums)) - b.value(sums.subarray(a.sums)),
});
