// What a training run leaves on disk, so that a killed one goes on as if nothing had happened.

import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import * as v from "valibot";
import { InvalidFileError, readJson } from "../files/json_file.ts";
import { sha256 } from "../files/sha256.ts";
import { UNFINISHED, writeWhole } from "../files/whole_file.ts";
import { decodeSafetensors, encodeSafetensors } from "../nn/safetensors.ts";
import { DivergenceError } from "./train.ts";

/** What has a state to be kept: a model, an optimiser, a stream of random numbers. */
export interface Stateful {
  /** Copies of its tensors by name; the caller disposes them. */
  stateDict(): Record<string, tf.Tensor>;
  /** Takes such tensors over; they stay the caller's. */
  loadStateDict(state: Record<string, tf.Tensor>): void;
}

/** Any value that JSON can hold. */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** Where a run stood. */
export interface Checkpoint {
  /** Steps taken. */
  step: number;
  /** What the caller kept beside the tensors, such as the curve so far. */
  record: Json;
}

/**
 * The checkpoints of one run in a folder of its own: two files each, the tensors as safetensors and a JSON file, written last,
 * with the step, what the caller keeps beside them, and checksums of both.
 *
 * A run that is killed at any moment finds a whole checkpoint again. All that training changes must be among the parts: the
 * weights, the optimiser's state, and each `RandomStream` that a step draws from; the order of the data follows from the step
 * ({@linkcode train}'s `from`). Then a run that goes on computes what it would have computed, bit for bit on the same engine.
 *
 * @example A run that ends early, and one that goes on.
 * ```ts
 * import { Checkpoints, Linear, RandomStream, SGD, train, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine("cpu");
 * const folder = await Deno.makeTempDir(), x = tf.ones<tf.Rank.R2>([4, 2]);
 * async function run(steps: number) {
 *   const model = new Linear(2, 1, { random: new RandomStream(0, "weights") });
 *   const optimizer = new SGD(model.parameters(), { learningRate: 0.1 });
 *   const checkpoints = new Checkpoints(folder, { model, optimizer });
 *   const from = (await checkpoints.restore())?.step ?? 0;
 *   const step = () => ({ value: optimizer.minimize(() => model.forward(x).sub(1).square().mean().asScalar()) });
 *   const reports = train({ batches: () => [0], step, steps, from, batchSize: 4, reportEvery: 1 });
 *   for await (const { step } of reports) await checkpoints.save(step);
 *   return from;
 * }
 * assert.equal(await run(3), 0);
 * assert.equal(await run(5), 3);
 * ```
 */
export class Checkpoints {
  readonly #folder: string;
  readonly #parts: Record<string, Stateful>;
  readonly #keep: number;

  /**
   * @param folder Of this run alone; made when needed.
   * @param parts What training changes, by names of letters, digits and `_`.
   * @param options `keep`: how many checkpoints stay, at least 2, so that one that was damaged has one before it. Default 2.
   */
  constructor(folder: string, parts: Record<string, Stateful>, { keep = 2 } = {}) {
    const wrong = Object.keys(parts).find((name) => !/^\w+$/.test(name));
    if (wrong !== undefined) {
      throw new RangeError(`Expected names of letters, digits and _ for a checkpoint's parts, got "${wrong}"`);
    }
    if (!(Number.isInteger(keep) && keep >= 2)) {
      throw new RangeError(`Expected to keep at least 2 checkpoints, got ${keep}`);
    }
    this.#folder = folder;
    this.#parts = parts;
    this.#keep = keep;
  }

  /**
   * Writes a checkpoint and removes what is older than those that are kept.
   *
   * @param step Steps taken.
   * @param record What to keep beside the tensors.
   * @throws {DivergenceError} If a number is NaN or infinite: the checkpoints before it stay.
   */
  async save(step: number, record: Json = null): Promise<void> {
    if (!(Number.isSafeInteger(step) && step >= 0)) {
      throw new RangeError(`Expected a whole number of steps, got ${step}`);
    }
    const tensors = Object.fromEntries(
      Object.entries(this.#parts).flatMap(([part, stateful]) =>
        Object.entries(stateful.stateDict()).map(([name, tensor]) => [`${part}.${name}`, tensor])
      ),
    );
    let bytes: Uint8Array;
    try {
      await checkFinite(tensors, step);
      bytes = await encodeSafetensors(tensors);
    } finally {
      tf.dispose(tensors);
    }
    const content = { step, record, tensors: sha256(bytes) };
    const index = { content, sha256: sha256(JSON.stringify(content)) };
    await writeWhole(this.#path(step, TENSORS), bytes, { durable: true });
    await writeWhole(this.#path(step, INDEX), JSON.stringify(index), { durable: true });
    await this.#removeOld();
  }

  /**
   * Sets all parts to the last checkpoint that is whole. One that is not is named in a warning, and the one before it is taken.
   *
   * @returns Where the run stood, or nothing if the folder holds no checkpoint.
   * @throws {InvalidFileError} If there are checkpoints and none is whole.
   * @throws {RangeError} If a checkpoint is of other parts, such as a model of another width.
   */
  async restore(): Promise<Checkpoint | undefined> {
    const steps = (await this.#steps()).reverse();
    for (const [i, step] of steps.entries()) {
      try {
        return await this.#read(step);
      } catch (error) {
        if (!(error instanceof InvalidFileError) || i === steps.length - 1) throw error;
        console.warn(`${error.message}: taking the checkpoint before it, of step ${steps[i + 1]}`);
      }
    }
    return undefined;
  }

  async #read(step: number): Promise<Checkpoint> {
    const path = this.#path(step, TENSORS);
    const { content, sha256: expected } = await readJson(this.#path(step, INDEX), "a checkpoint", indexSchema);
    if (sha256(JSON.stringify(content)) !== expected) {
      throw new InvalidFileError(`Expected ${this.#path(step, INDEX)} to be as it was written, got other content`);
    }
    const bytes = await Deno.readFile(path).catch((error) => {
      throw new InvalidFileError(`Expected the tensors of a checkpoint in ${path}, got ${error.message}`);
    });
    if (sha256(bytes) !== content.tensors) {
      throw new InvalidFileError(`Expected ${path} to be as it was written, got ${bytes.length} bytes that differ`);
    }
    const { tensors } = decodeSafetensors(bytes);
    try {
      this.#load(tensors, path);
    } finally {
      tf.dispose(tensors);
    }
    return { step: content.step, record: content.record as Json };
  }

  #load(tensors: Record<string, tf.Tensor>, path: string): void {
    const names = Object.keys(this.#parts), partOf = (name: string) => name.slice(0, name.indexOf("."));
    const unknown = Object.keys(tensors).find((name) => !names.includes(partOf(name)));
    if (unknown !== undefined) {
      throw new RangeError(`Expected a checkpoint of ${names.join(", ")} in ${path}, got "${unknown}" in it`);
    }
    for (const [part, stateful] of Object.entries(this.#parts)) {
      const own = Object.entries(tensors).filter(([name]) => partOf(name) === part);
      stateful.loadStateDict(Object.fromEntries(own.map(([name, tensor]) => [name.slice(part.length + 1), tensor])));
    }
  }

  async #removeOld(): Promise<void> {
    const old = (await this.#steps()).slice(0, -this.#keep), kept = await this.#names();
    // The index goes first: tensors without one are no checkpoint.
    const going = [INDEX, TENSORS].flatMap((ending) => old.map((step) => nameOf(step, ending)));
    const remains = kept.filter((name) => name.endsWith(UNFINISHED)); // of a process that was killed
    for (const name of [...going, ...remains]) await Deno.remove(join(this.#folder, name));
  }

  /** Steps of all checkpoints, ascending. */
  async #steps(): Promise<number[]> {
    const steps = (await this.#names()).flatMap((name) => {
      const [, digits] = /^step-(\d+)\.json$/.exec(name) ?? [];
      return digits === undefined ? [] : [Number(digits)];
    });
    return steps.sort((a, b) => a - b);
  }

  async #names(): Promise<string[]> {
    try {
      return (await Array.fromAsync(Deno.readDir(this.#folder))).map(({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  #path(step: number, ending: string): string {
    return join(this.#folder, nameOf(step, ending));
  }
}

const TENSORS = ".safetensors", INDEX = ".json";
const nameOf = (step: number, ending: string) => `step-${step}${ending}`;

const indexSchema = v.strictObject({
  content: v.strictObject({ step: v.number(), record: v.unknown(), tensors: v.string() }),
  sha256: v.string(),
});

async function checkFinite(tensors: Record<string, tf.Tensor>, step: number): Promise<void> {
  for (const [name, tensor] of Object.entries(tensors)) {
    const wrong = (await tensor.data<"float32">()).find((value) => !Number.isFinite(value));
    if (wrong === undefined) continue;
    throw new DivergenceError(
      `Expected finite numbers to keep of step ${step}, got ${wrong} in ${name}: lower the learning rate; the checkpoints ` +
        "before this one are still there",
    );
  }
}
