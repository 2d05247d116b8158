// What Braid mends of tfjs's WebGPU backend, on any adapter: software will do.

import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { compile } from "braid/engine/compile.ts";
import { useEngine } from "braid/engine/engine.ts";
import { RandomStream } from "braid/engine/random.ts";
import { AdamW } from "braid/training/adam_w.ts";
import { closeTo, numbersRead, testWebGpu, wave } from "./engines.ts";

type Function = [of: (x: tf.Tensor) => tf.Tensor, want: (x: number) => number, from: number, to: number];

/** More numbers than tfjs computes outside of the adapter. */
const MANY = 4001;

const functions: Record<string, Function> = {
  "acos": [tf.acos, Math.acos, -1, 1],
  "asin": [tf.asin, Math.asin, -1, 1],
  "log1p": [tf.log1p, Math.log1p, -0.9, 9],
  "log1p of small numbers": [tf.log1p, Math.log1p, -1e-6, 1e-6],
  "expm1": [tf.expm1, Math.expm1, -9, 3],
  "expm1 of small numbers": [tf.expm1, Math.expm1, -1e-6, 1e-6],
};

for (const [name, [of, want, from, to]] of Object.entries(functions)) {
  testWebGpu(`webgpu: ${name} has the digits of float32`, async () => {
    const values = Float32Array.from({ length: MANY }, (_, i) => from + (to - from) * i / (MANY - 1));
    const x = tf.tensor1d(values), y = of(x), got = await y.data();
    for (const [i, value] of values.entries()) {
      const exact = want(value), error = Math.abs(got[i] - exact);
      assert.ok(error <= 2e-6 * Math.max(Math.abs(exact), 1e-12), `${value}: got ${got[i]}, want ${exact}`);
    }
    tf.dispose([x, y]);
  });
}

testWebGpu(
  "webgpu: reading at once is an error that says what to do, and works once the values were awaited",
  async () => {
    const x = wave([40, 40]), y = tf.matMul(x, x);
    assert.throws(() => y.dataSync(), /to be read by `await tensor.data\(\)`, got dataSync\(\)/);
    const values = await y.data();
    assert.deepEqual(y.dataSync(), values);
    await useEngine("cpu");
    closeTo(await numbersRead(y.add(1)), Array.from(values, (value) => value + 1));
  },
);

testWebGpu(
  "webgpu: a random stream draws what it draws elsewhere, also after its counter was kept and read",
  async () => {
    const draw = async () => {
      const stream = new RandomStream(3, "views"), first = stream.uniform([MANY]), state = stream.stateDict();
      assert.deepEqual(await numbersRead(state), [1]);
      stream.loadStateDict(state);
      return await numbersRead([first, stream.uniform([MANY]), stream.counter]);
    };
    const drawn = await draw();
    await useEngine("cpu");
    assert.deepEqual(drawn, await draw());
  },
);

testWebGpu(
  "webgpu: a step that is to be compiled runs as it is, and an optimiser goes on from the state that was read",
  async () => {
    const train = async () => {
      const weight = tf.variable(wave([30, 40])), x = wave([20, 30]), parameters = [["weight", weight]] as const;
      const losses: number[] = [];
      let state: Record<string, tf.Tensor> | undefined;
      for (let part = 0; part < 2; part++) {
        const optimizer = new AdamW([...parameters], { learningRate: 0.02 });
        if (state) optimizer.loadStateDict(state);
        const step = compile((x: tf.Tensor) =>
          optimizer.minimize(() => tf.matMul(x, weight).square().mean() as tf.Scalar)
        );
        for (let i = 0; i < 3; i++) losses.push(...await numbersRead(step(x)));
        state = optimizer.stateDict();
        await numbersRead(state); // as a checkpoint does
        optimizer.dispose();
      }
      tf.dispose([weight, x]);
      return losses;
    };
    const losses = await train();
    assert.ok(losses.every((loss, i) => i === 0 || loss < losses[i - 1]), `${losses}`);
    await useEngine("cpu");
    closeTo(losses, await train());
  },
);
