// A whole step as one TensorFlow function.

import * as tf from "@tensorflow/tfjs";
import { join } from "node:path";
import { listenToDraws } from "./draws.ts";
import { currentLibtensorflow, type LibtensorflowBackend } from "./libtensorflow/backend.ts";
import { cacheFolder, thisHost } from "./libtensorflow/host.ts";
import { type RecordedFunction, RecordingError } from "./libtensorflow/recording.ts";
import { type FunctionMode, ModeRace } from "./mode_race.ts";
import { BySignature, MOST_SIGNATURES } from "./signatures.ts";
import { learningRateChanges } from "./stock_optimizers.ts";

/** What a step may return: tensors, alone or in arrays and records; `null` and nothing pass through. */
export type TensorTree = Tree<tf.Tensor>;
type Tree<Leaf> = Leaf | null | undefined | void | Tree<Leaf>[] | { [name: string]: Tree<Leaf> };

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /**
   * `graph`: TensorFlow's own executor (default). `xla`: fused by XLA, slower to compile. `auto`: the first calls time both,
   * later ones take the faster one, which is remembered on this machine. The modes' numbers differ by rounding, so choose one
   * where a run must repeat itself bit by bit.
   */
  mode?: FunctionMode | "auto";
}

/** A compiled step: called like the step, it returns the same. It keeps the recordings of the last 8 shapes. */
export interface CompiledStep<Inputs extends tf.Tensor[], Result extends TensorTree> {
  (...inputs: Inputs): Result;
  /** Frees the recorded functions; the next call records again. */
  dispose(): void;
}

/**
 * Makes ordinary tfjs code run as one TensorFlow function.
 *
 * The first call with given shapes writes the step's ops down without running them; then, and in later calls, they run as one
 * op, variables and their updates included. If the step creates variables (an optimiser's slots, say), the next call records
 * it again. Every `tf.Variable` is read and assigned anew in each call; every other tensor must be an argument or be made
 * inside, but for scalars, in which optimisers keep their settings: once such a scalar is disposed (its successor is meant),
 * or the learning rate of one of tfjs's optimisers is set, the step is recorded again. What else it reads from JavaScript, a
 * number or a flag, stays as it was when it was recorded: what changes must be a tensor. On an engine that cannot record
 * (webgpu, wasm, cpu), and where a gradient is taken of the compiled step itself, the step simply runs.
 *
 * @param step From tensors to tensors; it may assign variables. Its tensors are tidied up, its results are the caller's. A
 * variable among the arguments counts by its value at the call.
 * @returns The step, compiled at its first call. If a call throws, all variables keep their values.
 * @throws {TypeError} If an argument or a result is no tensor of numbers.
 * @throws {RangeError} If an argument was disposed.
 * @throws {RecordingError} While recording, if the step reads a value, draws a random number in JavaScript, uses a tensor
 * from outside, or creates variables each time; also if the step catches that error.
 *
 * @example Fit a line; the optimiser's update is part of the compiled step.
 * ```ts
 * import { compile, useEngine } from "braid";
 * import * as tf from "@tensorflow/tfjs";
 * import assert from "node:assert/strict";
 *
 * await useEngine();
 * const slope = tf.variable(tf.scalar(0)), optimizer = tf.train.sgd(0.1);
 * const step = compile((x: tf.Tensor, y: tf.Tensor) =>
 *   optimizer.minimize(() => x.mul(slope).sub(y).square().mean(), true)
 * );
 * const x = tf.tensor1d([1, 2, 3]), y = x.mul(2);
 * for (let i = 0; i < 20; i++) step(x, y)?.dispose();
 * assert.ok(Math.abs((await slope.data())[0] - 2) < 1e-3);
 * ```
 */
export function compile<Inputs extends tf.Tensor[], Result extends TensorTree>(
  step: (...inputs: Inputs) => Result,
  { mode = "graph" }: CompileOptions = {},
): CompiledStep<Inputs, Result> {
  const plans = new BySignature<Plan>(step, (plan) => plan.free());
  let callsThatCreated = 0, replaced = 0;

  const compiled = (...inputs: Inputs): Result => {
    inputs.forEach(checkArgument);
    const backend = currentLibtensorflow();
    // Another recording, or a gradient, has to see the step's ops one by one.
    const seen = backend?.binding.isRecording || tf.engine().state.gradientDepth > 0;
    if (!backend || seen) return keepingVariables(() => run(step, inputs));
    const known = plans.get(inputs);
    if (known && isCurrent(backend, known)) return replay(backend, known, inputs) as Result;
    if (known && ++replaced === MOST_SIGNATURES) console.warn(OFTEN_REPLACED);
    plans.delete(inputs);

    const plan = record(backend, step, inputs, { mode, mayCreate: callsThatCreated < CREATING_CALLS });
    if (plan.creates) {
      callsThatCreated++;
      return replayOnce(backend, plan, inputs) as Result;
    }
    plans.set(inputs, plan);
    return replay(backend, plan, inputs) as Result;
  };
  return Object.assign(compiled, { dispose: () => plans.clear() });
}

/** How many calls may create variables before that looks like a mistake. */
const CREATING_CALLS = 3;

/** A recorded step. */
interface Plan {
  recorded: RecordedFunction;
  mode: FunctionMode | ModeRace;
  /** The variables, and numbers of scalars from outside, that the step reads: the function's inputs after the arguments. */
  reads: (tf.Variable | number)[];
  /** The variables that it assigns, in the order of its outputs (after the results). */
  assigned: tf.Variable[];
  /** {@linkcode learningRateChanges} when it was recorded. */
  rateChanges: number;
  /** Whether it creates some of them: such a plan can run only once. */
  creates: boolean;
  /** The results' structure, with output numbers for leaves. */
  layout: Tree<number>;
  /** Removes the function, whichever engine computes now. */
  free(): void;
}

/** Whether all that a plan reads and assigns is still there, and tfjs's optimisers have the learning rates it was made with. */
function isCurrent(backend: LibtensorflowBackend, { reads, assigned, rateChanges }: Plan): boolean {
  const there = (read: tf.Variable | number) =>
    typeof read === "number" ? backend.binding.isLive(read) : !read.isDisposed;
  return rateChanges === learningRateChanges() && reads.every(there) && assigned.every(there);
}

function record<Inputs extends tf.Tensor[], Result extends TensorTree>(
  backend: LibtensorflowBackend,
  step: (...inputs: Inputs) => Result,
  inputs: Inputs,
  { mode, mayCreate }: { mode: FunctionMode | "auto"; mayCreate: boolean },
): Plan {
  const { binding } = backend, before = registeredVariables();
  const values = before.map((variable) => tf.keep(variable.clone()));
  for (const variable of before) renumber(backend, variable);
  const variableOf = new Map(before.map((variable) => [backend.idOf(variable), variable]));
  // An argument may be a variable, or stand twice: each gets a number of its own.
  const args = inputs.map((input) => backend.toTensor(binding.share(backend.idOf(input)))) as Inputs;
  const reads: Plan["reads"] = [];
  const declare = (id: number) => {
    const { dtype, shape } = binding.describe(id);
    recording.declareInput(id, dtype, shape);
  };
  const recording = binding.startRecording((id, op) => {
    const variable = variableOf.get(id), { shape } = binding.describe(id);
    if (!variable && shape.length > 0) recording.refuse(capturedTensor(shape, op));
    declare(id);
    reads.push(variable ?? id);
  });
  const created = () => registeredVariables().filter((variable) => !before.includes(variable));
  const planOf = (result: TensorTree, assigned: tf.Variable[]): Plan => {
    const outputs: number[] = [];
    const layout = mapTree(result, (tensor: tf.Tensor) => outputs.push(backend.idOf(tensor)) - 1);
    outputs.push(...assigned.map((variable) => backend.idOf(variable)));
    const name = `${step.name || "step"}_${recordedFunctions++}`;
    const recorded = binding.toFunction(recording, name, outputs);
    const race = () => new ModeRace(winnersFolder(), `${recorded.digest}-${binding.TF_Version}`);
    return {
      ...{ recorded, mode: mode === "auto" ? race() : mode, rateChanges: learningRateChanges() },
      ...{ reads, assigned, creates: created().length > 0, layout, free: () => binding.removeFunction(recorded) },
    };
  };
  const stopListening = listenToDraws((source) => recording.refuse(drawnInJavaScript(source)));
  let result: Result | undefined, failed: Plan | undefined;
  try {
    for (const arg of args) declare(backend.idOf(arg));
    result = run(step, args);
    if (recording.refusal) throw recording.refusal;
    if (created().length && !mayCreate) throw new RecordingError(createdLate(created()[0]));
    const changed = [...variableOf].filter(([id, variable]) => backend.idOf(variable) !== id).map(([, v]) => v);
    return planOf(result, [...changed, ...created()]);
  } catch (error) {
    // What the step has created is there from now on: it needs values.
    if (created().length) failed = planOf(undefined, created());
    throw error;
  } finally {
    stopListening();
    binding.stopRecording();
    before.forEach((variable, i) => variable.isDisposed || variable.assign(values[i]));
    if (failed) replayOnce(backend, failed, inputs);
    recording.dispose();
    tf.dispose([result as tf.TensorContainer, args, values]);
  }
}

let recordedFunctions = 0;

const winnersFolder = () => join(cacheFolder(thisHost()), "faster-modes");

/** Runs a plan that no later call can use. */
function replayOnce(backend: LibtensorflowBackend, plan: Plan, inputs: tf.Tensor[]): TensorTree {
  try {
    return replay(backend, { ...plan, mode: "graph" }, inputs);
  } finally {
    plan.free();
  }
}

function replay(backend: LibtensorflowBackend, plan: Plan, inputs: tf.Tensor[]): TensorTree {
  const { recorded, mode, reads, assigned, layout } = plan;
  const ids = [...inputs, ...reads].map((read) => typeof read === "number" ? read : backend.idOf(read));
  const call = (mode: FunctionMode) => backend.binding.callFunction(recorded, ids, mode === "xla");
  const outputs = (mode instanceof ModeRace ? mode.run(call) : call(mode)).map((output) => backend.toTensor(output));
  const results = outputs.length - assigned.length;
  assigned.forEach((variable, i) => {
    variable.assign(outputs[results + i]);
    outputs[results + i].dispose();
  });
  return mapTree(layout, (output: number) => outputs[output]);
}

/** Runs a step, keeping only its results, as copies: an argument or a variable may be among them. */
function run<Inputs extends tf.Tensor[], Result extends TensorTree>(
  step: (...inputs: Inputs) => Result,
  inputs: Inputs,
): Result {
  return tf.tidy(() => {
    const args = inputs.map((input) => input instanceof tf.Variable ? input.clone() : input) as Inputs;
    return mapTree(step(...args), copy) as tf.TensorContainer;
  }) as Result;
}

function copy(result: tf.Tensor): tf.Tensor {
  if (!(result instanceof tf.Tensor)) throw new TypeError(notTensors(result));
  return result.clone();
}

/** If `run` throws, every variable that existed before has its value again. */
function keepingVariables<T>(run: () => T): T {
  const variables = registeredVariables();
  const values = variables.map((variable) => tf.keep(variable.clone()));
  try {
    return run();
  } catch (error) {
    variables.forEach((variable, i) => variable.isDisposed || variable.assign(values[i]));
    throw error;
  } finally {
    tf.dispose(values);
  }
}

/** Gives a variable a number that no other tensor has, as it may have after `a.assign(b)` or `tf.variable(b)`. */
function renumber(backend: LibtensorflowBackend, variable: tf.Variable): void {
  const own = backend.toTensor(backend.binding.share(backend.idOf(variable)));
  variable.assign(own);
  own.dispose();
}

function registeredVariables(): tf.Variable[] {
  return Object.values(tf.engine().registeredVariables);
}

const drawnInJavaScript = (source: string) =>
  `Expected a compiled step to draw its random numbers on the engine, got ${source}` +
  (source === "Math.random()" ? " (which tf.randomUniform, tf.randomNormal and tf.dropout call)" : "") +
  ": a recording would freeze them. Use a RandomStream of braid";

const capturedTensor = (shape: number[], op: string) =>
  "Expected every tensor of a compiled step to be an argument, a variable or made inside it, got one of shape " +
  `[${shape}] from outside in ${op}: its value would be frozen. Pass it as an argument, or keep it in a tf.variable`;

const createdLate = ({ name, shape }: tf.Variable) =>
  `Expected a compiled step to create its variables in its first calls, got new ones in ${
    CREATING_CALLS + 1
  } calls, now ` +
  `"${name}" of shape [${shape}]: create variables once, outside the step`;

const OFTEN_REPLACED =
  `Expected what a compiled step reads to last, got a variable or scalar disposed and replaced, or the ` +
  `learning rate of one of tfjs's optimisers set, before ${MOST_SIGNATURES} calls: the step is recorded anew each time. Use ` +
  "an optimiser of braid, keep in a tf.variable what changes, or pass it as an argument";

function checkArgument(argument: unknown): void {
  if (!(argument instanceof tf.Tensor) || argument.dtype === "string") {
    const found = argument instanceof tf.Tensor ? "one of strings" : `${typeof argument} ${argument}`;
    throw new TypeError(`Expected the arguments of a compiled step to be tensors of numbers, got ${found}`);
  }
  if (argument.isDisposed) {
    throw new RangeError(`Expected live tensors as arguments, got a disposed one of shape [${argument.shape}]`);
  }
}

const notTensors = (result: unknown) =>
  "Expected a compiled step to return tensors, alone or in arrays and records, and not to be async, got " +
  Object.prototype.toString.call(result);

/** A tree of the same form with `map` applied to its leaves. */
function mapTree<From extends tf.Tensor | number, To>(tree: Tree<From>, map: (leaf: From) => To): Tree<To> {
  if (tree === null || tree === undefined) return tree as null | undefined;
  if (tree instanceof tf.Tensor || typeof tree === "number") return map(tree as From);
  if (Array.isArray(tree)) return tree.map((branch) => mapTree(branch, map));
  if (typeof tree === "object" && Object.getPrototypeOf(tree) === Object.prototype) {
    const branches = Object.entries(tree as { [name: string]: Tree<From> });
    return Object.fromEntries(branches.map(([name, branch]) => [name, mapTree(branch, map)]));
  }
  if (tree instanceof Promise) tree.catch(() => {}); // this error tells more than what an async step fails of
  throw new TypeError(notTensors(tree));
}
