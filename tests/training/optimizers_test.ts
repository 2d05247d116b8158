// What holds for Adam and AdamW alike.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { Adam, type AdamOptions } from "braid/training/adam.ts";
import { AdamW } from "braid/training/adam_w.ts";

await tf.setBackend("cpu");

const close = (got: number, want: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want)), `got ${got}, want ${want}`);
const value = async (tensor: tf.Tensor): Promise<number> => (await tensor.data())[0];

/** Runs a test with fresh parameters, whose values are given, and frees them. */
async function withParameters(
  values: Record<string, tf.TensorLike>,
  test: (parameters: [string, tf.Variable][], byName: Record<string, tf.Variable>) => Promise<void> | void,
): Promise<void> {
  const parameters = Object.entries(values).map((
    [name, x],
  ): [string, tf.Variable] => [name, tf.variable(tf.tensor(x))]);
  await test(parameters, Object.fromEntries(parameters));
  parameters.forEach(([, parameter]) => parameter.dispose());
}

/** PyTorch's update of one number, in float64: the positions after each gradient. */
function trajectory(
  start: number,
  gradients: number[],
  decoupled: boolean,
  options: Required<Omit<AdamOptions, "decays">>,
) {
  const { learningRate, beta1, beta2, epsilon, weightDecay } = options;
  let x = start, m = 0, v = 0;
  return gradients.map((bare, t) => {
    const gradient = decoupled ? bare : bare + weightDecay * x;
    if (decoupled) x -= learningRate * weightDecay * x;
    m = beta1 * m + (1 - beta1) * gradient;
    v = beta2 * v + (1 - beta2) * gradient ** 2;
    const mean = m / (1 - beta1 ** (t + 1)), spread = Math.sqrt(v / (1 - beta2 ** (t + 1)));
    x -= learningRate * mean / (spread + epsilon);
    return x;
  });
}

for (const [Kind, decoupled] of [[Adam, false], [AdamW, true]] as const) {
  const name = Kind.name;

  Deno.test(`${name} follows its definition over many steps`, async () => {
    const gradients = Array.from({ length: 200 }, (_, t) => Math.sin(t) + 0.3);
    for (
      const options of [
        { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.1 },
        { learningRate: 0.1, beta1: 0, beta2: 0.5, epsilon: 1e-3, weightDecay: 0 },
      ]
    ) {
      await withParameters({ x: [1] }, async (parameters, { x }) => {
        const optimizer = new Kind(parameters, options), want = trajectory(1, gradients, decoupled, options);
        for (const [t, gradient] of gradients.entries()) {
          tf.tidy(() => optimizer.step({ x: tf.tensor1d([gradient]) }));
          close(await value(x), want[t], 1e-5);
        }
      });
    }
  });

  Deno.test(`${name} takes a first step of the learning rate's length against the gradient's sign`, async () => {
    for (const gradient of [1e-3, -1, 1e6]) {
      await withParameters({ x: 2 }, async (parameters, { x }) => {
        new Kind(parameters, { learningRate: 0.5, weightDecay: 0 }).step({ x: tf.scalar(gradient) });
        close(await value(x), 2 - 0.5 * Math.sign(gradient), 2e-5);
      });
    }
  });

  Deno.test(`${name} uses a new learning rate from the next step on`, async () => {
    await withParameters({ x: 0 }, async (parameters, { x }) => {
      const optimizer = new Kind(parameters, { learningRate: 1, weightDecay: 0 }), gradient = tf.scalar(1);
      optimizer.step({ x: gradient });
      close(await value(x), -1);
      optimizer.learningRate = 0.25;
      assert.equal(optimizer.learningRate, 0.25);
      optimizer.step({ x: gradient });
      close(await value(x), -1.25);
      optimizer.learningRate = 0;
      optimizer.step({ x: gradient });
      close(await value(x), -1.25);
    });
  });

  Deno.test(`${name} decays those parameters only for which decays() says so`, async () => {
    await withParameters({ "block.weight": [[1]], "block.bias": [1] }, async (parameters, byName) => {
      const asked: string[] = [];
      const decays = (name: string, parameter: tf.Variable) => {
        asked.push(name);
        return parameter.rank >= 2;
      };
      const optimizer = new Kind(parameters, { learningRate: 0.1, weightDecay: 0.5, decays });
      optimizer.step({ "block.weight": tf.zeros([1, 1]), "block.bias": tf.zeros([1]) });
      assert.deepEqual(asked, ["block.weight", "block.bias"]);
      assert.ok(await value(byName["block.weight"]) < 1);
      assert.equal(await value(byName["block.bias"]), 1);
    });
  });

  Deno.test(`${name}.minimize() finds the minimum of a parabola`, async () => {
    await withParameters({ x: [3, -2] }, async (parameters, { x }) => {
      const optimizer = new Kind(parameters, { learningRate: 0.1, weightDecay: 0 });
      for (let i = 0; i < 300; i++) optimizer.minimize(() => x.sub(1).square().sum().asScalar()).dispose();
      for (const xi of await x.data()) close(xi, 1, 1e-3);
    });
  });

  Deno.test(`${name}.minimize() returns what the loss returned, from before the step`, async () => {
    await withParameters({ x: 3 }, async (parameters, { x }) => {
      const optimizer = new Kind(parameters, { learningRate: 1, weightDecay: 0 });
      const result = optimizer.minimize(() => ({ value: x.square().asScalar(), twice: x.mul(2), x }));
      assert.deepEqual([await value(result.value), await value(result.twice), await value(result.x)], [9, 6, 3]);
      close(await value(x), 2);
    });
  });

  Deno.test(`${name} leaves parameters alone that the loss does not use`, async () => {
    await withParameters({ used: 1, unused: 1 }, async (parameters, { used, unused }) => {
      new Kind(parameters, { weightDecay: 0.5 }).minimize(() => used.square().asScalar());
      assert.notEqual(await value(used), 1);
      assert.equal(await value(unused), 1);
    });
  });

  Deno.test(`${name} goes on from a saved state as if it had never stopped`, async () => {
    const gradients = [0.3, -1, 2, 0.7].map((x) => tf.tensor1d([x, 2 * x]));
    const options = { learningRate: 0.1, weightDecay: 0.01 };
    await withParameters({ x: [1, -1] }, async (parameters, { x }) => {
      const first = new Kind(parameters, options);
      first.learningRate = 0.05;
      gradients.slice(0, 2).forEach((gradient) => first.step({ x: gradient }));
      const state = first.stateDict(), position = x.clone();
      gradients.slice(2).forEach((gradient) => first.step({ x: gradient }));
      const want = await x.data();

      x.assign(position);
      const second = new Kind(parameters, options);
      second.loadStateDict(state);
      tf.dispose(state);
      close(second.learningRate, 0.05);
      gradients.slice(2).forEach((gradient) => second.step({ x: gradient }));
      assert.deepEqual(await x.data(), want);
    });
  });

  Deno.test(`${name} refuses a state of other parameters and stays as it was`, async () => {
    await withParameters({ x: [1, 2] }, async (parameters) => {
      const optimizer = new Kind(parameters), state = optimizer.stateDict();
      const { stepCount, ...incomplete } = state;
      assert.throws(() => optimizer.loadStateDict(incomplete), /1 names missing \(stepCount\)/);
      assert.throws(() => optimizer.loadStateDict({ ...state, extra: stepCount }), /1 unknown \(extra\)/);
      const misshapen = { ...state, stepCount: tf.scalar(7), "firstMoment.x": tf.ones([3]) };
      assert.throws(() => optimizer.loadStateDict(misshapen), /firstMoment\.x to be float32 \[2\], got float32 \[3\]/);
      // A wrong type at the very end is seen before anything is set.
      const mistyped = { ...state, "firstMoment.x": tf.fill([2], 7), "secondMoment.x": tf.zeros([2], "int32") };
      assert.throws(
        () => optimizer.loadStateDict(mistyped),
        (error) =>
          error instanceof RangeError && /secondMoment\.x to be float32 \[2\], got int32 \[2\]/.test(error.message),
      );
      const after = optimizer.stateDict();
      for (const name in state) assert.deepEqual(await after[name].data(), await state[name].data(), name);
      tf.dispose([mistyped["firstMoment.x"], mistyped["secondMoment.x"], after]);
      assert.equal(await value(optimizer.stateDict().stepCount), 0);
    });
  });

  Deno.test(`${name} says what is wrong with its input`, async () => {
    assert.throws(() => new Kind([]), /at least one parameter/);
    await withParameters({ x: [1, 2] }, (parameters) => {
      assert.throws(() => new Kind([...parameters, ...parameters]), /name of its own, got x twice/);
      assert.throws(() => new Kind(parameters, { learningRate: -1 }), /learning rate to be at least 0, got -1/);
      assert.throws(() => new Kind(parameters, { beta1: 1 }), /beta1 to be in \[0, 1\), got 1/);
      assert.throws(() => new Kind(parameters, { beta2: -0.1 }), /beta2 to be in \[0, 1\), got -0.1/);
      assert.throws(() => new Kind(parameters, { epsilon: -1 }), /epsilon to be at least 0, got -1/);
      assert.throws(() => new Kind(parameters, { weightDecay: NaN }), /weightDecay to be at least 0, got NaN/);
      const optimizer = new Kind(parameters);
      assert.throws(() => optimizer.step({ y: tf.ones([2]) }), /gradients of x, got one of y/);
      assert.throws(() => optimizer.step({ x: tf.ones([3]) }), /gradient of x to have shape \[2\], got \[3\]/);
      assert.throws(() => (optimizer.learningRate = NaN), /learning rate to be at least 0, got NaN/);
      assert.throws(() => optimizer.minimize(() => tf.scalar(1)));
    });
  });

  Deno.test(`${name} leaves no tensor behind: not at a step, not at a new learning rate, not when disposed of`, async () => {
    await withParameters({ x: [1, 2], y: [[3]] }, (parameters, { x, y }) => {
      const before = tf.memory().numTensors;
      const optimizer = new Kind(parameters, { weightDecay: 0.1 });
      const loss = () => ({ value: x.square().sum().add(y.sum()).asScalar(), sum: x.sum() });
      tf.dispose({ ...optimizer.minimize(loss) });
      const running = tf.memory().numTensors;
      for (let i = 0; i < 3; i++) tf.dispose({ ...optimizer.minimize(loss) });
      tf.tidy(() => void optimizer.minimize(loss));
      optimizer.learningRate = 0.5;
      tf.dispose(optimizer.stateDict());
      assert.equal(tf.memory().numTensors, running);
      optimizer.dispose();
      assert.equal(tf.memory().numTensors, before);
    });
  });
}

Deno.test("Adam counts weight decay into the gradient, AdamW does not", async () => {
  const options = { learningRate: 0.1, weightDecay: 0.5 };
  await withParameters({ x: 4 }, async (parameters, { x }) => {
    new Adam(parameters, options).step({ x: tf.scalar(0) }); // the gradient is 2 after all: a full step
    close(await value(x), 3.9);
  });
  await withParameters({ x: 4 }, async (parameters, { x }) => {
    new AdamW(parameters, options).step({ x: tf.scalar(0) }); // no step, but 5 percent less
    close(await value(x), 3.8);
  });
});

Deno.test("AdamW decays by 0.01 unless told otherwise, Adam by nothing", async () => {
  await withParameters({ x: 1 }, async (parameters, { x }) => {
    new Adam(parameters, { learningRate: 1 }).step({ x: tf.scalar(0) });
    assert.equal(await value(x), 1);
    new AdamW(parameters, { learningRate: 1 }).step({ x: tf.scalar(0) });
    close(await value(x), 0.99);
  });
});
