import * as tf from "@tensorflow/tfjs";
import assert from "node:assert/strict";
import { useEngine } from "braid/engine/engine.ts";
import { selfCheck } from "braid/engine/self_check.ts";

Deno.test("selfCheck() multiplies as a loop in float64 does", async () => {
  const { results } = await selfCheck(await useEngine("cpu"));
  const wave = (i: number) => Math.sin(1.7 * (i + 1));
  for (let row = 0; row < 17; row++) {
    for (let column = 0; column < 9; column++) {
      let want = 0;
      for (let k = 0; k < 33; k++) want += wave(33 * row + k) * wave(9 * k + column);
      assert.ok(Math.abs(results.matmul[9 * row + column] - want) < 1e-4);
    }
  }
});

Deno.test("selfCheck() gives finite numbers, twice the same, and leaves no tensor behind", async () => {
  const engine = await useEngine("cpu"), before = tf.memory().numTensors;
  const first = await selfCheck(engine);
  assert.deepEqual(Object.keys(first.results), ["matmul", "conv2d", "softmax", "training", "random"]);
  for (const [name, values] of Object.entries(first.results)) {
    assert.ok(values.length > 0 && values.every(Number.isFinite), name);
  }
  assert.deepEqual(await selfCheck(engine), first);
  assert.equal(tf.memory().numTensors, before);
});
