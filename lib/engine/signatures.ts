// What is kept for each combination of shapes and types that a function's arguments have had.

import type * as tf from "@tensorflow/tfjs";

/** How many combinations are kept: whole and last batches of training, validation and test, and two to spare. */
export const MOST_SIGNATURES = 8;

/** Values by the shapes and types of a function's arguments: those used last, since a recording takes memory. */
export class BySignature<Value> {
  readonly #kept = new Map<string, Value>();
  #warned = false;

  /**
   * @param called The function whose arguments they are; the warning names its parameters.
   * @param drop What to do with a value that goes.
   */
  constructor(private readonly called: { toString(): string }, private readonly drop: (value: Value) => void) {}

  /** The value of these arguments' signature, if one is kept. */
  get(inputs: tf.Tensor[]): Value | undefined {
    const signature = signatureOf(inputs), value = this.#kept.get(signature);
    if (value !== undefined) {
      this.#kept.delete(signature); // a map is in the order of insertion: last is the one used last
      this.#kept.set(signature, value);
    }
    return value;
  }

  /** Keeps a value in place of the signature's old one; the one used longest ago makes room, with one warning. */
  set(inputs: tf.Tensor[], value: Value): void {
    this.delete(inputs);
    this.#kept.set(signatureOf(inputs), value);
    if (this.#kept.size <= MOST_SIGNATURES) return;
    if (!this.#warned) console.warn(tooMany([...this.#kept.keys()], parameterNames(this.called)));
    this.#warned = true;
    this.#delete(this.#kept.keys().next().value!);
  }

  /** Drops the value of these arguments' signature. */
  delete(inputs: tf.Tensor[]): void {
    this.#delete(signatureOf(inputs));
  }

  /** Drops all values. */
  clear(): void {
    for (const signature of this.#kept.keys()) this.#delete(signature);
  }

  #delete(signature: string): void {
    const value = this.#kept.get(signature);
    if (value !== undefined) this.drop(value);
    this.#kept.delete(signature);
  }
}

/** Types and shapes, one word an argument. */
const signatureOf = (inputs: tf.Tensor[]): string => inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(" ");

function tooMany(signatures: string[], names: string[]): string {
  const columns = signatures.map((signature) => signature.split(" "));
  const places = Math.max(...columns.map((types) => types.length));
  const varying = Array.from({ length: places }, (_, i) => {
    const types = new Set(columns.map((types) => types[i] ?? "missing"));
    return types.size > 1 ? [`argument ${i}${names[i] ? ` (${names[i]})` : ""} as ${[...types].join(", ")}`] : [];
  });
  return `Expected a compiled step to be called with at most ${MOST_SIGNATURES} combinations of shapes and types, got ` +
    `${
      varying.flat().join("; ")
    }. Each is recorded anew, and only the last ${MOST_SIGNATURES} are kept: drop the last ` +
    "batch of an epoch, or pad batches to a few sizes";
}

/** The parameters of a function, where its source lists bare names. */
function parameterNames(called: { toString(): string }): string[] {
  const list = /^(?:function\b[^(]*|[\w$]*\s*)\(([\w$,\s]*)\)|^([\w$]+)\s*=>/.exec(called.toString());
  return (list?.[1] ?? list?.[2] ?? "").split(",").map((name) => name.trim());
}
