import assert from "node:assert/strict";
import { randomNumbers } from "braid/engine/random_numbers.ts";

const MASK = 0xFFFFFFFFn;

/** Threefry-2x32-20 as its paper states it, in unlimited integers. */
function threefry(key: bigint[], counter: bigint[]): bigint[] {
  const keys = [...key, key[0] ^ key[1] ^ 0x1BD11BDAn], rotations = [13n, 15n, 26n, 6n, 17n, 29n, 16n, 24n];
  let x = (counter[0] + keys[0]) & MASK, y = (counter[1] + keys[1]) & MASK;
  for (let round = 0; round < 20; round++) {
    const by = rotations[round % 8];
    x = (x + y) & MASK;
    y = (((y << by) | (y >> (32n - by))) & MASK) ^ x;
    if (round % 4 === 3) {
      const group = (round + 1) / 4;
      x = (x + keys[group % 3]) & MASK;
      y = (y + keys[(group + 1) % 3] + BigInt(group)) & MASK;
    }
  }
  return [x, y];
}

const fnv = (text: string): bigint =>
  [...new TextEncoder().encode(text)].reduce((hash, byte) => ((hash ^ BigInt(byte)) * 0x01000193n) & MASK, 0x811C9DC5n);

/** Sum of (observed - expected)² / expected for equally likely outcomes. */
function chiSquare(outcomes: Iterable<number>, classes: number): number {
  const counts = new Array<number>(classes).fill(0);
  let total = 0;
  for (const outcome of outcomes) counts[outcome]++, total++;
  return counts.reduce((sum, count) => sum + (count - total / classes) ** 2 / (total / classes), 0);
}

const draws = (n: number, draw: () => number) => Array.from({ length: n }, draw);

Deno.test("the reference of this test gives the published values of Threefry and FNV-1a", () => {
  const published = [
    { key: [0n, 0n], counter: [0n, 0n], cipher: [0x6B200159n, 0x99BA4EFEn] },
    { key: [MASK, MASK], counter: [MASK, MASK], cipher: [0x1CB996FCn, 0xBB002BE7n] },
    { key: [0x13198A2En, 0x03707344n], counter: [0x243F6A88n, 0x85A308D3n], cipher: [0xC4923A9Cn, 0x483DF7A0n] },
  ];
  for (const { key, counter, cipher } of published) assert.deepEqual(threefry(key, counter), cipher);
  assert.equal(fnv("a"), 0xE40C292Cn);
  assert.equal(fnv("foobar"), 0xBF9CF968n);
});

Deno.test("randomNumbers() draws the words of Threefry in counter order", () => {
  for (const [seed, stream] of [[0, ""], [42, "pairs"], [2 ** 32 - 1, "größer"]] as const) {
    const { uniform } = randomNumbers(seed, stream);
    for (let counter = 0; counter < 50; counter++) {
      const [high, low] = threefry([BigInt(seed), fnv(stream)], [BigInt(counter), 0n]);
      assert.equal(uniform(), Number(((high >> 5n) << 26n) | (low >> 6n)) / 2 ** 53);
    }
  }
});

// Each statistic lies below the 0.9999 quantile of its chi-square distribution, and above the 0.0001 quantile.
Deno.test("uniform() and integer() are uniform", () => {
  const random = randomNumbers(1, "uniformity");
  const byUniform = chiSquare(draws(100_000, () => Math.floor(100 * random.uniform())), 100);
  assert.ok(byUniform > 55 && byUniform < 161, `chi-square ${byUniform} of 99 degrees of freedom`);
  const byInteger = chiSquare(draws(100_000, () => random.integer(7)), 7);
  assert.ok(byInteger > 0.1 && byInteger < 27.9, `chi-square ${byInteger} of 6 degrees of freedom`);
});

Deno.test("streams of neighbouring seeds or of other names are independent", () => {
  const others = [randomNumbers(8, "a"), randomNumbers(7, "b"), randomNumbers(9, "a"), randomNumbers(7, "a ")];
  for (const other of others) {
    const random = randomNumbers(7, "a");
    const pairs = chiSquare(draws(100_000, () => 10 * random.integer(10) + other.integer(10)), 100);
    assert.ok(pairs > 55 && pairs < 161, `chi-square ${pairs} of 99 degrees of freedom`);
  }
});

Deno.test("normal() has the moments and quantiles of the standard normal distribution", () => {
  const values = draws(100_000, randomNumbers(3, "normal").normal);
  const mean = (of: (value: number) => number) => values.reduce((sum, value) => sum + of(value), 0) / values.length;
  const near = (got: number, want: number, tolerance: number) =>
    assert.ok(Math.abs(got - want) < tolerance, `got ${got}, want ${want}`);
  near(mean((x) => x), 0, 0.015);
  near(mean((x) => x ** 2), 1, 0.02);
  near(mean((x) => x ** 3), 0, 0.06);
  near(mean((x) => x ** 4), 3, 0.15);
  near(mean((x) => Number(x < 1)), 0.841345, 0.006);
  near(mean((x) => Number(x < -2)), 0.022750, 0.002);
});

Deno.test("permutation() gives each order as often as any other", () => {
  const random = randomNumbers(4, "orders");
  const code = () => random.permutation(4).reduce((sum, value) => 4 * sum + value, 0);
  const codes = draws(24_000, code), orders = [...new Set(codes)].sort();
  assert.equal(orders.length, 24);
  const statistic = chiSquare(codes.map((found) => orders.indexOf(found)), 24);
  assert.ok(statistic < 60, `chi-square ${statistic} of 23 degrees of freedom`);
});

Deno.test("sample() gives different numbers below n, each as often as any other", () => {
  const random = randomNumbers(5, "sample"), chosen: number[] = [];
  for (let repeat = 0; repeat < 5000; repeat++) {
    const numbers = random.sample(20, 5);
    assert.equal(new Set(numbers).size, 5);
    chosen.push(...numbers);
  }
  const statistic = chiSquare(chosen, 20);
  assert.ok(statistic < 55, `chi-square ${statistic} of 19 degrees of freedom`);
  assert.deepEqual(random.sample(3, 0), new Int32Array());
  assert.deepEqual(random.permutation(0), new Int32Array());
  assert.deepEqual(random.permutation(1), Int32Array.of(0));
});

Deno.test("the same seed and name give the same numbers, another seed or name gives others", () => {
  const numbers = (seed: number, stream: string) => draws(20, randomNumbers(seed, stream).uniform);
  assert.deepEqual(numbers(42, "pairs"), numbers(42, "pairs"));
  assert.notDeepEqual(numbers(42, "pairs"), numbers(43, "pairs"));
  assert.notDeepEqual(numbers(42, "pairs"), numbers(42, "pixels"));
});

Deno.test("randomNumbers() refuses impossible seeds, ranges and counts", () => {
  for (const seed of [-1, 0.5, 2 ** 32, NaN]) assert.throws(() => randomNumbers(seed, "a"), /Expected seed to be/);
  const random = randomNumbers(0, "a");
  for (const below of [0, 1.5, 2 ** 32 + 1, NaN]) assert.throws(() => random.integer(below), RangeError);
  assert.throws(() => random.sample(3, 4), /Expected k to be an integer from 0 to 3, got 4/);
  assert.throws(() => random.permutation(-1), RangeError);
  assert.equal(random.integer(1), 0);
  assert.ok(random.integer(2 ** 32) < 2 ** 32);
});
