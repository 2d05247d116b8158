// What layers and models have in common: variables found by the names of their fields.

import * as tf from "@tensorflow/tfjs";

/**
 * A layer or a model: an object whose fields are variables, other modules and arrays of modules.
 *
 * Names follow PyTorch: a field `inProjWeight` of a field `attention` is `attention.in_proj_weight`, the second of an array
 * `blocks` is `blocks.1`. Trainable variables are parameters; the others are buffers, such as running statistics.
 *
 * @example
 * ```ts
 * import { Linear, RandomStream, useEngine } from "braid";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const layer = new Linear(3, 2, { random: new RandomStream(0, "weights") });
 * assert.deepEqual(layer.parameters().map(([name, { shape }]) => [name, shape]), [["weight", [2, 3]], ["bias", [2]]]);
 * assert.equal(layer.parameterCount, 8);
 * ```
 */
export abstract class Module {
  /**
   * Axes of a variable in PyTorch's layout, by field, where ours differs: `stateDict()` transposes by them,
   * `loadStateDict()` back.
   */
  protected pyTorchAxes(): Record<string, number[]> {
    return {};
  }

  /** Trainable variables with their names, in the order of the fields; a shared one stands once, under its first name. */
  parameters(): [name: string, variable: tf.Variable][] {
    const trainable = this.#variables("").filter(({ variable }) => variable.trainable);
    const first = trainable.filter(({ variable }, i) =>
      trainable.findIndex((other) => other.variable === variable) === i
    );
    return first.map(({ name, variable }) => [name, variable]);
  }

  /** How many trainable numbers the module has. */
  get parameterCount(): number {
    return this.parameters().reduce((count, [, variable]) => count + variable.size, 0);
  }

  /** Copies of all parameters and buffers by name, in PyTorch's layout; the caller disposes them. */
  stateDict(): Record<string, tf.Tensor> {
    const entries = this.#variables("").map(({ name, variable, axes }) => [
      name,
      axes ? tf.transpose(variable, axes) : variable.clone(),
    ]);
    return Object.fromEntries(entries);
  }

  /**
   * Sets all parameters and buffers.
   *
   * @param state Tensors by name, in PyTorch's layout; they stay the caller's.
   * @throws {RangeError} If a name is missing or unknown, or a shape or type differs; nothing is set then.
   */
  loadStateDict(state: Record<string, tf.Tensor>): void {
    const variables = this.#variables("");
    const wanted = variables.map(({ name }) => name), given = Object.keys(state);
    const missing = wanted.filter((name) => !given.includes(name)),
      unknown = given.filter((name) => !wanted.includes(name));
    if (missing.length || unknown.length) {
      throw new RangeError(
        `Expected a state with exactly the names of this module, got ${missing.length} missing (${
          missing.slice(0, 5)
        }) ` +
          `and ${unknown.length} unknown (${unknown.slice(0, 5)})`,
      );
    }
    for (const { name, variable, axes } of variables) {
      const { shape, dtype } = state[name], expected = axes ? axes.map((axis) => variable.shape[axis]) : variable.shape;
      if (String(shape) !== String(expected) || dtype !== variable.dtype) {
        throw new RangeError(`Expected ${name} to be ${variable.dtype} [${expected}], got ${dtype} [${shape}]`);
      }
    }
    tf.tidy(() => {
      for (const { name, variable, axes } of variables) {
        variable.assign(axes ? tf.transpose(state[name], inverse(axes)) : state[name]);
      }
    });
  }

  /** Frees all variables. */
  dispose(): void {
    for (const { variable } of this.#variables("")) variable.dispose();
  }

  #variables(prefix: string): { name: string; variable: tf.Variable; axes?: number[] }[] {
    const axes = this.pyTorchAxes();
    return Object.entries(this).flatMap(([field, value]) => {
      const name = prefix + snakeCase(field);
      if (value instanceof tf.Variable) return [{ name, variable: value, axes: axes[field] }];
      if (value instanceof Module) return value.#variables(`${name}.`);
      if (Array.isArray(value)) {
        return value.flatMap((entry, i) => entry instanceof Module ? entry.#variables(`${name}.${i}.`) : []);
      }
      return [];
    });
  }
}

const snakeCase = (field: string) => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

const inverse = (axes: number[]) => axes.map((_, axis) => axes.indexOf(axis));
