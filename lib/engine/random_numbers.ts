// Random numbers in plain TypeScript, for everything drawn outside a training step: splits, pairs, generated pixels.

import { Buffer } from "node:buffer";
import { announceDraw } from "./draws.ts";

/** A reproducible stream of random numbers; each call moves it on. */
export interface RandomNumbers {
  /** A number in [0, 1), a multiple of 2⁻⁵³. */
  uniform(): number;
  /** An integer in [0, below), each exactly as likely. */
  integer(below: number): number;
  /** A number from the standard normal distribution. */
  normal(): number;
  /** The numbers 0 to n - 1 in random order, `[n]`. */
  permutation(n: number): Int32Array;
  /** k different numbers of 0 to n - 1 in random order, `[k]`. */
  sample(n: number, k: number): Int32Array;
}

/**
 * Opens the stream of random numbers that belongs to a seed and a name.
 *
 * The generator is counter based: block $c$ of a stream is the bijection Threefry-2x32-20 (Salmon et al. 2011, "Parallel
 * random numbers: as easy as 1, 2, 3") of the counter $c$ under the key (seed, FNV-1a hash of the name). Streams of
 * different names or seeds are independent, so what one part of a program draws never shifts what another part gets.
 *
 * @param seed Integer in [0, 2³²).
 * @param stream What the numbers are for, such as `"pairs"`.
 * @returns The stream, at its beginning.
 * @throws {RangeError} If the seed is not such an integer, or a method is asked for an impossible range or count.
 *
 * @example The same seed and name give the same numbers.
 * ```ts
 * import { randomNumbers } from "braid/engine/random_numbers.ts";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(randomNumbers(42, "pairs").permutation(5), randomNumbers(42, "pairs").permutation(5));
 * assert.notEqual(randomNumbers(42, "pairs").uniform(), randomNumbers(42, "pixels").uniform());
 * ```
 */
export function randomNumbers(seed: number, stream: string): RandomNumbers {
  requireInteger("seed", seed, 0, 2 ** 32 - 1);
  const key = expandKey(seed, fnv1a(stream));
  const block = new Uint32Array(2);
  let counter = 0, next = 2; // next word of the block; 2 asks for a new one

  const word = () => {
    announceDraw("randomNumbers()");
    if (next === 2) {
      threefry2x32(key, counter >>> 0, Math.floor(counter / 2 ** 32), block);
      counter++;
      next = 0;
    }
    return block[next++];
  };

  const uniform = () => ((word() >>> 5) * 2 ** 26 + (word() >>> 6)) / 2 ** 53;

  const integer = (below: number) => {
    requireInteger("below", below, 1, 2 ** 32);
    const whole = 2 ** 32 - 2 ** 32 % below; // words beyond the last whole range would favour small numbers
    let draw = word();
    while (draw >= whole) draw = word();
    return draw % below;
  };

  // Box and Muller; 1 - uniform() is never 0
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

  const sample = (n: number, k: number) => {
    requireInteger("n", n, 0, 2 ** 31 - 1);
    requireInteger("k", k, 0, n);
    const numbers = new Int32Array(n).map((_, i) => i);
    for (let i = 0; i < k; i++) { // Fisher and Yates, stopped after k
      const j = i + integer(n - i), drawn = numbers[j];
      numbers[j] = numbers[i];
      numbers[i] = drawn;
    }
    return numbers.slice(0, k);
  };

  return { uniform, integer, normal, permutation: (n) => sample(n, n), sample };
}

/** Rotation distances of Threefry-2x32: four rounds with the first row, four with the second, and so on. */
const ROTATIONS = [[13, 15, 26, 6], [17, 29, 16, 24]].map((row) => Int32Array.from(row));

/** The key of Threefry-2x32 with the word that makes its exclusive or the cipher's constant. */
const expandKey = (first: number, second: number): Int32Array =>
  Int32Array.of(first, second, first ^ second ^ 0x1BD11BDA);

/** Encrypts a counter of two words: 20 rounds of add, rotate, exclusive or; the key is added after every four. */
function threefry2x32(key: Int32Array, low: number, high: number, result: Uint32Array): void {
  let x = (low + key[0]) | 0, y = (high + key[1]) | 0;
  for (let group = 1; group <= 5; group++) {
    const distances = ROTATIONS[(group - 1) % 2];
    for (let round = 0; round < 4; round++) {
      const distance = distances[round];
      x = (x + y) | 0;
      y = ((y << distance) | (y >>> (32 - distance))) ^ x;
    }
    x = (x + key[group % 3]) | 0;
    y = (y + key[(group + 1) % 3] + group) | 0;
  }
  result[0] = x;
  result[1] = y;
}

/** 32-bit FNV-1a hash of a text's UTF-8 bytes. */
const fnv1a = (text: string): number =>
  Buffer.from(text).reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811C9DC5);

function requireInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`Expected ${name} to be an integer from ${least} to ${most}, got ${value}`);
  }
}
