// Whole training steps of CoMM and its baselines: every engine, eager or compiled, takes the same ones.

import * as tf from "@tensorflow/tfjs";
import { compile } from "braid/engine/compile.ts";
import { type EngineName, useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { CoMM } from "braid/methods/comm/comm.ts";
import { CrossSelf } from "braid/methods/comm/cross.ts";
import { FactorCL, type FactorViews } from "braid/methods/comm/factor_cl.ts";
import { type PairLearner, pairLearner, type PairMethod, pairMethods } from "braid/methods/comm/learners.ts";
import { ConvEncoder } from "braid/nn/conv_encoder.ts";
import { ProjectionHead } from "braid/nn/projection_head.ts";
import { Adam } from "braid/training/adam.ts";
import { AdamW } from "braid/training/adam_w.ts";
import assert from "node:assert/strict";
import { allEngines, closeTo, installed, numbersRead, tensorsHeld, wave } from "../engine/engines.ts";

const BATCH = 5, SIZE = 9, STEPS = 3;

/** What training leaves to compare, step by step. */
interface Trace {
  /** Loss and terms. */
  losses: number[][];
  /** Gradients of the first step, by parameter; later ones tell apart what rounding told apart in the weights. */
  gradients: Record<string, number[]>;
  /** Parameters and running statistics after the last step. */
  state: Record<string, number[]>;
  /** Tensors held after each step. */
  held: number[][];
}

/** A learner whose heads are small: those of the paper make plain JavaScript take a minute. */
function smallLearner(method: PairMethod): PairLearner {
  const learner = pairLearner(method, { encoder: [3, 4, 6], dim: 16, seed: 2 }), { model } = learner;
  const random = new RandomStream(2, "heads"),
    head = (dim: number) => new ProjectionHead(dim, { random, hidden: 24, out: 16 });
  const heads = model instanceof CoMM
    ? { head: head(16) }
    : model instanceof CrossSelf
    ? { heads: [head(6), head(6)] }
    : {};
  const replaced = model instanceof CoMM ? [model.head] : model instanceof CrossSelf ? model.heads : [];
  for (const large of replaced) large.dispose();
  return { ...learner, model: Object.assign(model, heads) };
}

type Mode = "eager" | "graph";

async function trace(method: PairMethod, engine: EngineName, mode: Mode): Promise<Trace> {
  await useEngine(engine);
  const learner = smallLearner(method), parameters = learner.model.parameters();
  // Where a gradient is 0 but for rounding, Adam would divide rounding by rounding: this epsilon is above it.
  const optimizer = new AdamW(parameters, { learningRate: 0.01, weightDecay: 0.1, epsilon: 1 });
  const pictures = [0, 1].map((phase) => tf.tidy(() => tf.abs(wave<tf.Rank.R4>([BATCH, SIZE, SIZE, 3], phase))));
  const step = (x: tf.Tensor, y: tf.Tensor): Record<"losses" | "gradients", Record<string, tf.Tensor>> => {
    let losses: Record<string, tf.Tensor> = {};
    const { grads } = tf.variableGrads(() => {
      losses = learner.loss([x as tf.Tensor4D, y as tf.Tensor4D]);
      for (const name in losses) losses[name] = tf.keep(losses[name].clone());
      return losses.value as tf.Scalar;
    }, parameters.map(([, variable]) => variable));
    const gradients = Object.fromEntries(parameters.map(([name, variable]) => [name, grads[variable.name]]));
    optimizer.step(gradients);
    return { losses, gradients };
  };
  const run = mode === "eager" ? step : compile(step),
    result: Trace = { losses: [], gradients: {}, state: {}, held: [] };
  const numbers = async (tensors: Record<string, tf.Tensor>): Promise<Record<string, number[]>> => {
    const entries = Object.entries(tensors).map(async ([name, tensor]) => [name, await numbersRead(tensor)]);
    return Object.fromEntries(await Promise.all(entries));
  };
  for (let i = 0; i < STEPS; i++) {
    const { losses, gradients } = tf.tidy(() => run(pictures[0], pictures[1]));
    result.losses.push(await numbersRead(losses));
    if (i === 0) result.gradients = await numbers(gradients);
    tf.dispose([losses, gradients]);
    result.held.push(tensorsHeld());
  }
  const state = learner.model.stateDict();
  result.state = await numbers(state);
  tf.dispose(state);
  optimizer.dispose();
  learner.model.dispose();
  tf.dispose(pictures);
  return result;
}

const elsewhere: [EngineName, Mode][] = [
  ...allEngines.filter((engine) => engine !== "cpu").map((engine): [EngineName, Mode] => [engine, "eager"]),
  ...(installed ? [["libtensorflow", "graph"] as [EngineName, Mode]] : []),
];

for (const method of pairMethods.filter((method) => method !== "FactorCL")) {
  Deno.test(`steps of ${method}: loss, gradients and weights agree on every engine; no step leaves a tensor`, async () => {
    const want = await trace(method, "cpu", "eager"), runs: [string, Trace][] = [["cpu", want]];
    for (const [engine, mode] of elsewhere) runs.push([`${engine}, ${mode}`, await trace(method, engine, mode)]);
    for (const [name, got] of runs) {
      closeTo(got.losses.flat(), want.losses.flat(), 1e-4, `${name}: losses`);
      const largest = Math.max(...Object.values(want.gradients).map((g) => Math.max(...g.map(Math.abs))));
      for (const parameter in want.gradients) {
        // The scale of all gradients counts: some are 0 but for rounding.
        const [ours, theirs] = [got, want].map(({ gradients }) => [...gradients[parameter], largest]);
        closeTo(ours, theirs, 1e-4, `${name}: gradient of ${parameter}`);
      }
      for (const entry in want.state) {
        // What starts at 0 holds nothing but three small steps: it is measured by the size of weights.
        const [ours, theirs] = [got, want].map(({ state }) => [...state[entry], 0.1]);
        closeTo(ours, theirs, 1e-4, `${name}: ${entry}`);
      }
      assert.deepEqual(got.held.map(String), got.held.map(() => String(got.held[0])), `${name}: tensors held`);
    }
    assert.equal(new Set(want.losses.map(String)).size, STEPS);
  });
}

Deno.test("steps of FactorCL, in turns with its critics', agree on every engine, eager or compiled", async () => {
  const trace = async (engine: EngineName, mode: Mode): Promise<Pick<Trace, "losses" | "state">> => {
    await useEngine(engine);
    const random = new RandomStream(2, "weights");
    const encoders = [1, 2].map(() => new ConvEncoder([3, 4, 6], { random })) as [ConvEncoder, ConvEncoder];
    const model = new FactorCL({ encoders, random, dim: 8, hidden: 16 });
    const [main, critics] = [model.mainParameters(), model.criticParameters()].map((parameters) =>
      new Adam(parameters, { learningRate: 0.1, epsilon: 1 })
    );
    const pictures = [0, 1, 2, 3].map((phase) => wave<tf.Rank.R4>([BATCH, SIZE, SIZE, 3], phase));
    const step = (...[x1, x2, a1, a2]: tf.Tensor[]) => {
      const views = { x: [x1, x2], augmented: [a1, a2] } as FactorViews;
      return { ...main.minimize(() => model.loss(views)), critics: critics.minimize(() => model.criticLoss(views)) };
    };
    const run = mode === "eager" ? step : compile(step), held = new Set<string>();
    const losses: number[][] = [], state: Record<string, number[]> = {};
    for (let taken = 0; taken < STEPS; taken++) {
      const result = tf.tidy(() => run(...pictures));
      losses.push(await numbersRead(result));
      tf.dispose(result);
      held.add(String(tensorsHeld()));
    }
    assert.equal(held.size, 1, [...held].join(" "));
    const tensors = model.stateDict();
    for (const [name, tensor] of Object.entries(tensors)) state[name] = await numbersRead(tensor);
    tf.dispose(tensors);
    for (const part of [main, critics, model]) part.dispose();
    tf.dispose(pictures);
    return { losses, state };
  };
  const want = await trace("cpu", "eager");
  assert.deepEqual(want.losses.map((entry) => entry.length), Array(STEPS).fill(8)); // the loss, six terms, the critics'
  for (const [engine, mode] of elsewhere) {
    const got = await trace(engine, mode), nat = [1]; // small losses are sums of large scores
    closeTo([...got.losses.flat(), ...nat], [...want.losses.flat(), ...nat], 1e-5, `${engine}, ${mode}: losses`);
    for (const name in want.state) {
      closeTo([...got.state[name], 0.1], [...want.state[name], 0.1], 1e-4, `${engine}, ${mode}: ${name}`);
    }
  }
});
