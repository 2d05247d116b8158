// Random numbers that are the same on every engine, eager or compiled, and new in each call.

import * as tf from "@tensorflow/tfjs";
import { type Attribute, AttributeType } from "./libtensorflow/attributes.ts";
import { currentLibtensorflow, type LibtensorflowBackend } from "./libtensorflow/backend.ts";
import { DataType } from "./libtensorflow/c_api.ts";

/**
 * A stream of random tensors.
 *
 * Number `i` of call `c` is a function of (seed, stream, c, i) alone:
 *
 * $$ r_i = m(m(i \oplus a_c) \oplus b_c),\quad a_c = m(a + c\,\gamma),\quad b_c = m(b - c\,\gamma) $$
 *
 * with $m$ a 32-bit mixer (two rounds of xor-shift and multiply), $\gamma$ the golden ratio's odd word, and $a$, $b$ words
 * made of the seed and the stream's name. The call counter is a `tf.Variable`, so a compiled step draws anew in each call;
 * save it with a checkpoint, and a resumed run draws what the killed one would have drawn.
 *
 * @example Same seed, same numbers; next call, new numbers.
 * ```ts
 * import { RandomStream, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const a = new RandomStream(7, "dropout"), b = new RandomStream(7, "dropout");
 * const first = await a.uniform([3]).array(), second = await a.uniform([3]).array();
 * assert.deepEqual(await b.uniform([3]).array(), first);
 * assert.notDeepEqual(second, first);
 * ```
 */
export class RandomStream {
  /** How many draws were made, `[]` int32: part of a run's state. */
  readonly counter: tf.Variable<tf.Rank.R0>;
  readonly #a: number;
  readonly #b: number;

  /**
   * @param seed Whole number; another seed, other numbers.
   * @param stream What the numbers are for; another name, independent numbers.
   */
  constructor(seed: number, stream: string) {
    if (!Number.isSafeInteger(seed)) throw new RangeError(`Expected seed to be a whole number, got ${seed}`);
    this.#a = hash(`${seed}/${stream}/a`);
    this.#b = hash(`${seed}/${stream}/b`);
    this.counter = tf.tidy(() => tf.variable(tf.scalar(0, "int32"), false, undefined, "int32"));
  }

  /**
   * Uniform numbers in [minimum, maximum), `shape`: 24 random bits each. XLA may round a product and a sum at once, so that in
   * ranges other than 0 to 1 the last bit can differ under it.
   */
  uniform<R extends tf.Rank>(shape: tf.ShapeMap[R], minimum = 0, maximum = 1): tf.Tensor<R> {
    return tf.tidy(() => {
      const unit = tf.mul(tf.cast(this.#bits(shape), "float32"), 2 ** -24);
      return tf.add(tf.mul(unit, maximum - minimum), minimum) as tf.Tensor<R>;
    });
  }

  /** Normal numbers, `shape`, by Box and Muller's transform of two uniform draws. */
  normal<R extends tf.Rank>(shape: tf.ShapeMap[R], mean = 0, deviation = 1): tf.Tensor<R> {
    return tf.tidy(() => {
      const radius = tf.sqrt(tf.mul(-2, tf.log(tf.sub(1, this.uniform(shape)))));
      const direction = tf.cos(tf.mul(2 * Math.PI, this.uniform(shape)));
      return tf.add(tf.mul(tf.mul(radius, direction), deviation), mean) as tf.Tensor<R>;
    });
  }

  /** Ones with the given probability, else zeros, `shape` float32. */
  bernoulli<R extends tf.Rank>(shape: tf.ShapeMap[R], probability: number): tf.Tensor<R> {
    return tf.tidy(() => tf.cast(tf.less(this.uniform(shape), probability), "float32") as tf.Tensor<R>);
  }

  /** A copy of the counter, for a checkpoint; the caller disposes it. */
  stateDict(): { counter: tf.Tensor } {
    return { counter: this.counter.clone() };
  }

  /**
   * Continues where another stream stood; seed and name stay this one's.
   *
   * @param state As {@linkcode stateDict} gave it; the tensor stays the caller's.
   * @throws {RangeError} If it holds anything but a counter, `[]` int32.
   */
  loadStateDict(state: Record<string, tf.Tensor>): void {
    const { counter, ...others } = state;
    if (counter?.dtype !== "int32" || counter.rank !== 0 || Object.keys(others).length) {
      const got = Object.entries(state).map(([name, { dtype, shape }]) => `${name}: ${dtype} [${shape}]`);
      throw new RangeError(
        `Expected the state of a random stream, counter: int32 [], got ${got.join(", ") || "nothing"}`,
      );
    }
    this.counter.assign(counter as tf.Scalar);
  }

  /**
   * Numbers of Beta(α, α), `shape`, for any α > 0: small α gives numbers near 0 and 1.
   *
   * Exact, from two uniform draws $u$, $w$ and without rejection. With $v = u^{1/\alpha}$ and $c = \cos 2\pi w$, Bailey's
   * $t = c \sqrt{2\alpha (1 / v - 1)}$ follows Student's distribution with $2\alpha$ degrees of freedom, and
   * $\tfrac12 \big(1 + t / \sqrt{2\alpha + t^2}\big)$ the wanted one (Devroye 1996).
   *
   * @throws {RangeError} If alpha is not positive.
   */
  symmetricBeta<R extends tf.Rank>(shape: tf.ShapeMap[R], alpha: number): tf.Tensor<R> {
    if (!(alpha > 0)) throw new RangeError(`Expected alpha to be positive, got ${alpha}`);
    return tf.tidy(() => {
      const logV = tf.div(tf.log(tf.sub(1, this.uniform(shape))), alpha);
      const v = tf.exp(logV), cosine = tf.cos(tf.mul(2 * Math.PI, this.uniform(shape)));
      // 1 - s² and s² for s = |t| / sqrt(2α + t²), so that neither an overflow nor a difference of near numbers occurs.
      const spread = tf.mul(tf.neg(tf.expm1(logV)), tf.square(cosine)), sum = tf.add(v, spread);
      const root = tf.sqrt(tf.div(spread, sum));
      const smaller = tf.div(tf.div(v, sum), tf.mul(2, tf.add(1, root))); // (1 - s) / 2
      return tf.where(tf.greater(cosine, 0), tf.sub(1, smaller), smaller) as tf.Tensor<R>;
    });
  }

  /** The numbers 0 to n - 1 in random order, `[n]` int32: the order of n uniform draws. */
  permutation(n: number): tf.Tensor1D {
    return tf.tidy(() => tf.topk(this.uniform([n]), n).indices as tf.Tensor1D);
  }

  /** Frees the counter. */
  dispose(): void {
    this.counter.dispose();
  }

  /** 24 random bits for each element, as int32 from 0 to 2^24 - 1; counts the call. */
  #bits(shape: number[]): tf.Tensor {
    const elements = tf.util.sizeFromShape(shape), backend = currentLibtensorflow();
    const bits = backend
      ? tf.reshape(bitsOnEngine(backend, this.counter, elements, this.#a, this.#b), shape)
      : tf.tensor(bitsInJavaScript(this.counter.dataSync()[0], elements, this.#a, this.#b), shape, "int32");
    this.counter.assign(tf.add(this.counter, tf.scalar(1, "int32")) as tf.Scalar);
    return bits;
  }
}

const GOLDEN = 0x9e3779b9 | 0;
/** The mixer's steps: x ^= x >>> shift, then x *= factor. */
const ROUNDS: [shift: number, factor: number][] = [[16, 0x21f0aaad], [15, 0x735a2d97], [15, 1]];

function mix(x: number): number {
  for (const [shift, factor] of ROUNDS) x = Math.imul(x ^ (x >>> shift), factor);
  return x;
}

function bitsInJavaScript(call: number, elements: number, a: number, b: number): Int32Array {
  const ac = mix(a + Math.imul(call, GOLDEN) | 0), bc = mix(b - Math.imul(call, GOLDEN) | 0);
  return Int32Array.from({ length: elements }, (_, i) => mix(mix(i ^ ac) ^ bc) >>> 8);
}

function bitsOnEngine(
  engine: LibtensorflowBackend,
  counter: tf.Tensor,
  elements: number,
  a: number,
  b: number,
): tf.Tensor {
  const word = (value: number) => tf.scalar(value | 0, "int32");
  const xor = (x: tf.Tensor, y: tf.Tensor) => engine.execute("BitwiseXor", int32, [x, y]);
  // TensorFlow's shift of int32 keeps the sign: cut it off.
  const shift = (x: tf.Tensor, by: number) =>
    engine.execute("BitwiseAnd", int32, [engine.execute("RightShift", int32, [x, word(by)]), word(-1 >>> by)]);
  const mixed = (x: tf.Tensor) =>
    ROUNDS.reduce((y, [by, factor]) => {
      const shifted = xor(y, shift(y, by));
      return factor === 1 ? shifted : tf.mul(shifted, word(factor));
    }, x);
  const call = tf.mul(counter, word(GOLDEN));
  const ac = mixed(tf.add(word(a), call)), bc = mixed(tf.sub(word(b), call));
  return shift(mixed(xor(mixed(xor(tf.range(0, elements, 1, "int32"), ac)), bc)), 8);
}

const int32: Attribute[] = [{ name: "T", type: AttributeType.type, value: DataType.int32 }];

/** FNV-1a of a text, mixed: the words that tell streams apart. */
function hash(text: string): number {
  let state = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) state = Math.imul(state ^ byte, 0x01000193);
  return mix(state);
}
